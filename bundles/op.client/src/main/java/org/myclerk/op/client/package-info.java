/** Clients of a node (§6.2.5): how a node registers with another and keeps in touch with it. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package org.myclerk.op.client;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
