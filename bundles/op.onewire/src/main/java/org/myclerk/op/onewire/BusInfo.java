package org.myclerk.op.onewire;

import java.util.Optional;

import org.myclerk.api.payload.Size;

/**
 * A 1-Wire bus.
 *
 * @param bus its id, which survives a restart
 * @param place where it sits, for people
 * @param simulated whether no hardware stands behind it
 * @param holder who does steps on it
 */
public record BusInfo(@Size(min = 1, max = 128) String bus, @Size(max = 128) String name,
        @Size(max = 256) String place, boolean simulated, Optional<String> holder) {
}
