/** What a driver of GPIO chips and PWM outputs offers (§6.3.3). */
@Export
@Version("1.1.0")
package org.myclerk.device.gpio;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
