/** Operations for testing foreign implementations (0xF000-0xF00F): nothing that a node at home needs. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package org.myclerk.vendor.conformance;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
