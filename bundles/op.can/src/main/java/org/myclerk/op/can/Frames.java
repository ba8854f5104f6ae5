package org.myclerk.op.can;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * Frames that came, in order.
 *
 * @param frames none if nothing came in time, or a followed call was ended
 * @param lost how many are missing before these, because nobody read them in time; absent if none
 */
public record Frames(@Size(max = 1000) List<CanFrame> frames, @Range(min = 1) Optional<Long> lost) {
}
