package org.myclerk.vendor.node;

import org.myclerk.api.payload.Size;

/**
 * A vendor whose bundles may be installed; {@code fingerprint} is the SHA-256 of its certificate, as keytool
 * shows it.
 */
public record Vendor(@Size(max = 128) String fingerprint, @Size(max = 256) String name) {
}
