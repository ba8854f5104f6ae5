package org.myclerk.op.gpio;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/** The active part of a PWM channel's cycle. */
public record PwmDuty(@Device @Size(min = 1, max = 128) @Help("id of the chip, as listed") String chip,
        @Range(max = 1023) @Help("number of the channel") int channel,
        @Range @Help("nanoseconds, at most the period") long dutyNanos) {
}
