/**
 * Devices: what drivers publish, what handlers get, and the one notion of holding a device, the lease (§6.2).
 */
@Export
@Version("1.1.0")
package org.myclerk.api.device;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
