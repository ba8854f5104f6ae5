/** What a driver of SPI devices offers (§6.3.5). */
@Export
@Version("1.1.0")
package org.myclerk.device.spi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
