package org.myclerk.op.can;

import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * Asks for frames that came.
 *
 * @param max of one answer; 256 if left out
 * @param timeoutMs how long to wait for a first frame, 1000 if left out; a followed call waits for ever
 */
public record FrameReceive(@Device @Size(min = 1,
        max = 128) @Help("id of the interface, as listed") String channel,
        @Range(min = 1, max = 1000) @Help("most frames of an answer") Optional<Integer> max,
        @Range(max = 25_000) @Help("milliseconds to wait for a first frame") Optional<Integer> timeoutMs) {
}
