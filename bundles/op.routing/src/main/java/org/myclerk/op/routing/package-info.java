/** Routes and access control (§6.2.4): the table and its payloads. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package org.myclerk.op.routing;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
