/** GPIO operations (§6.3.3): the table and its payloads. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package org.myclerk.op.gpio;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
