package org.myclerk.op.i2c;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Size;

/**
 * An I2C bus.
 *
 * @param bus its id
 * @param number the kernel's number for it
 * @param adapter what its driver calls it
 * @param place where it sits, for people
 * @param functions what it can do; none if the kernel does not let the node ask
 * @param simulated whether no hardware stands behind it
 * @param holder who holds it
 */
public record BusInfo(@Size(min = 1, max = 128) String bus, int number, @Size(max = 128) String adapter,
        @Size(max = 256) String place, List<Function> functions, boolean simulated, Optional<String> holder) {
}
