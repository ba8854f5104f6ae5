package org.myclerk.vendor.node;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/** A frame to send through a tunnel. */
public record TunnelSend(@Range(min = 1) long tunnel, @Size(min = 1, max = 65535) Bytes frame) {
}
