package org.myclerk.vendor.node;

import org.myclerk.api.payload.Size;

/** Names a vendor by the SHA-256 of its certificate. */
public record VendorName(@Size(max = 128) String fingerprint) {
}
