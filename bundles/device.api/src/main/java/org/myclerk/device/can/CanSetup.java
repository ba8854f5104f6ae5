package org.myclerk.device.can;

import java.util.Optional;
import java.util.Set;

/**
 * Changes to an interface; what is empty stays.
 *
 * @param up whether it takes part in the bus
 * @param timing of arbitration and of classic frames; a sample point of 0 leaves it to the kernel
 * @param dataTiming of the data of CAN FD
 * @param modes the modes that are on
 * @param restartMillis how long after a bus-off it starts again by itself, 0 for never
 * @param restart whether to start again now after a bus-off
 */
public record CanSetup(Optional<Boolean> up, Optional<CanTiming> timing, Optional<CanTiming> dataTiming,
        Optional<Set<CanMode>> modes, Optional<Integer> restartMillis, boolean restart) {
}
