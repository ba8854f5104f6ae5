package org.myclerk.op.can;

import java.util.List;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Frames to send, in order. */
public record FrameSend(@Device @Size(min = 1,
        max = 128) @Help("id of the interface, as listed") String channel,
        @Size(min = 1, max = 1000) @Help("what to send") List<CanFrame> frames) {
}
