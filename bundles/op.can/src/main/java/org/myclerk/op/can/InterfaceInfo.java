package org.myclerk.op.can;

import java.util.Optional;

import org.myclerk.api.payload.Size;

/**
 * A CAN interface.
 *
 * @param channel its id, which survives re-plugging
 * @param place where it sits, for people
 * @param virtual whether no controller stands behind it (vcan)
 * @param simulated whether no kernel stands behind it
 * @param holder who has it open
 * @param settings absent if they cannot be told now
 * @param state of its controller
 */
public record InterfaceInfo(@Size(min = 1, max = 128) String channel, @Size(max = 128) String name,
        @Size(max = 256) String place, boolean virtual, boolean simulated, Optional<String> holder,
        Optional<InterfaceSettings> settings, Optional<BusState> state) {
}
