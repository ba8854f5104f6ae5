package org.myclerk.vendor.node;

import java.util.Optional;

import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.payload.Bytes;

/**
 * What a node may do with a device now.
 *
 * @param person to whom it belongs
 */
public record NodeRight(Bytes node, String name, Optional<String> person, AccessMode mode) {
}
