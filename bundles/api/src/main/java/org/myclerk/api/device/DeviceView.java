package org.myclerk.api.device;

import java.util.Optional;

import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.payload.Size;
import org.myclerk.api.payload.WireNumber;

/**
 * A device as a caller sees it now; also a payload.
 *
 * @param kind the bus or function, as in {@link DeviceInfo}
 * @param name the one that was set, or the driver's
 * @param place where it stands, for people, if that was set: {@code kitchen}
 * @param at where it is plugged in: {@code /dev/ttyUSB0}, {@code USB 1-2}
 * @param holder the names of those who hold it
 * @param lockedUntil Unix seconds, if it is locked
 * @param mode what the caller may do with it
 * @param shared whether it is shared with anybody
 * @param physicalAccess whether it gives physical access, so that it is used at tier 3 or higher only
 * @param lastSeen when it was last known to be plugged in, Unix seconds, if it is away
 */
public record DeviceView(@Size(min = 1, max = 128) String device, @Size(min = 1, max = 32) String kind,
        @Size(max = 128) String name, @Size(max = 128) Optional<String> place, @Size(max = 256) String at,
        boolean simulated, State state, Optional<String> holder, Optional<Long> lockedUntil, AccessMode mode,
        boolean shared, boolean physicalAccess, Optional<Long> lastSeen) {

    /** One that is plugged in and not marked. */
    public DeviceView(String device, String kind, String name, Optional<String> place, String at,
            boolean simulated, State state, Optional<String> holder, Optional<Long> lockedUntil,
            AccessMode mode, boolean shared) {
        this(device, kind, name, place, at, simulated, state, holder, lockedUntil, mode, shared, false,
                Optional.empty());
    }

    /** What a device does. */
    public enum State implements WireNumber {
        FREE(0), IN_USE(1), LOCKED(2),
        /** It is not plugged in, and known because it has a name, a place or a right here. */
        AWAY(3);

        private final int number;

        State(int number) {
            this.number = number;
        }

        @Override
        public int number() {
            return number;
        }
    }

    /** The same device seen by somebody with another mode. */
    public DeviceView seenWith(AccessMode other) {
        return new DeviceView(device, kind, name, place, at, simulated, state, holder, lockedUntil, other,
                shared, physicalAccess, lastSeen);
    }
}
