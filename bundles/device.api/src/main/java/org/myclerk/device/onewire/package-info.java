/** What a driver of 1-Wire buses offers (§6.3.7). */
@Export
@Version("1.1.0")
package org.myclerk.device.onewire;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
