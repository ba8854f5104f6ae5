/** What a driver of I2C buses offers (§6.3.4). */
@Export
@Version("1.0.0")
package org.myclerk.device.i2c;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
