/** CAN operations (§6.3.6): the table and its payloads. The terms are those of SocketCAN and ISO 11898-1. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package org.myclerk.op.can;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
