package org.myclerk.op.serial;

import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * Asks for bytes that came.
 *
 * @param max of one answer; 16384 if left out
 * @param timeoutMs how long to wait for a first byte, 1000 if left out; a followed call waits for ever
 */
public record PortRead(@Device @Size(min = 1, max = 128) @Help("id of the port, as listed") String port,
        @Range(min = 1, max = 65_536) @Help("most bytes of an answer") Optional<Integer> max,
        @Range(max = 25_000) @Help("milliseconds to wait for a first byte") Optional<Integer> timeoutMs) {
}
