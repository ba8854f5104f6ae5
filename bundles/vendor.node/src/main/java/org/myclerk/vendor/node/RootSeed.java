package org.myclerk.vendor.node;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Size;

/** The seed of the family's root key. */
public record RootSeed(@Size(min = 32, max = 32) Bytes seed) {
}
