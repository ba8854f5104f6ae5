package org.myclerk.vendor.node;

import java.util.Optional;

import org.myclerk.api.payload.Size;

/** Joins another family. */
public record Join(@Size(max = 4096) String invitation, @Size(max = 64) Optional<String> name) {
}
