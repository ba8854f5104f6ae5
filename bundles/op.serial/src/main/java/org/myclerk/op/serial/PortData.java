package org.myclerk.op.serial;

import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * Bytes that came.
 *
 * @param data none if nothing came in time, or a followed call was ended
 * @param lost how many bytes are missing before these, because nobody read them in time; absent if none
 * @param reopened true if the port was closed and opened again before these, because its driver was replaced:
 *     what came in between is missing; absent otherwise
 */
public record PortData(@Size(max = 65_536) Bytes data, @Range(min = 1) Optional<Long> lost,
        Optional<Boolean> reopened) {
}
