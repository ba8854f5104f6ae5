/** Devices of a node (§6.2.1): what there is, who holds it, what happens to it. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package org.myclerk.op.device;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
