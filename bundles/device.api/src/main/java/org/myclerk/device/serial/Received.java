package org.myclerk.device.serial;

import org.myclerk.api.payload.Bytes;

/**
 * Bytes that came from a port.
 *
 * @param lost how many bytes are missing before these, because nobody read them in time
 * @param reopened whether the port was closed and opened again before these, because its driver was replaced
 */
public record Received(Bytes data, long lost, boolean reopened) {
}
