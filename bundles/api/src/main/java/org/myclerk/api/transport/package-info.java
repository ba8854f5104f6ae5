/** What carries frames between nodes (§2, profile §17): opaque bytes, no keys. */
@Export
@Version("1.1.0")
package org.myclerk.api.transport;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
