package org.myclerk.op.gpio;

import java.util.Optional;

import org.myclerk.api.payload.Size;

/**
 * A GPIO chip or a PWM chip.
 *
 * @param chip its id
 * @param name the kernel's name for it
 * @param label what its driver calls it
 * @param place where it sits, for people
 * @param lines how many GPIO lines it has, numbered from 0
 * @param channels how many PWM channels it has, numbered from 0
 * @param simulated whether no hardware stands behind it
 * @param holder who has lines of it
 */
public record ChipInfo(@Size(min = 1, max = 128) String chip, @Size(max = 128) String name,
        @Size(max = 128) String label, @Size(max = 256) String place, int lines, int channels,
        boolean simulated, Optional<String> holder) {
}
