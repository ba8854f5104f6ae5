package org.myclerk.vendor.node;

import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/** A frame that came through a tunnel; the first answer has none and tells the tunnel's number. */
public record TunnelFrame(@Range(min = 1) long tunnel, @Size(max = 65535) Optional<Bytes> frame) {
}
