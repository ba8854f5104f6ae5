/** Payloads: records that become MessagePack maps and back, from their declaration alone (§7). */
@Export
@Version("1.0.0")
package org.myclerk.api.payload;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
