/** What a driver of serial ports offers (§6.3.2). */
@Export
@Version("2.0.0")
package org.myclerk.device.serial;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
