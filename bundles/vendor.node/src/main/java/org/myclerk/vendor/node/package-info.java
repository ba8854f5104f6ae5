/** Administration of a node as operations (0xFE00-0xFEFF): what the command line and the console speak. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package org.myclerk.vendor.node;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
