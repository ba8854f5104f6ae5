/** What a driver of CAN interfaces offers (§6.3.6). The terms are those of SocketCAN and ISO 11898-1. */
@Export
@Version("1.1.0")
package org.myclerk.device.can;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
