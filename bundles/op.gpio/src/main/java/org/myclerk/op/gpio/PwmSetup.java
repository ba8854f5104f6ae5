package org.myclerk.op.gpio;

import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * How a PWM channel is to run; what is left out stays. A channel that the caller does not have is taken
 * first.
 */
public record PwmSetup(@Device @Size(min = 1, max = 128) @Help("id of the chip, as listed") String chip,
        @Range(max = 1023) @Help("number of the channel") int channel,
        @Range(min = 1) @Help("nanoseconds of a cycle") Optional<Long> periodNanos,
        @Help("nanoseconds of its active part") Optional<Long> dutyNanos,
        @Help("whether the active part is low") Optional<Boolean> inversed,
        @Help("whether it runs; true if left out") Optional<Boolean> enabled) {
}
