package org.myclerk.device.can;

import java.util.Optional;
import java.util.Set;

/**
 * How an interface stands.
 *
 * @param up whether it takes part in the bus
 * @param fd whether it carries frames of CAN FD now
 * @param controller empty for an interface without one (vcan)
 */
public record CanStatus(boolean up, boolean fd, Optional<Controller> controller, Traffic traffic) {

    /**
     * A CAN controller.
     *
     * @param restartMillis how long after a bus-off it starts again by itself, 0 for never
     */
    public record Controller(CanState state, CanTiming timing, CanTiming dataTiming, Set<CanMode> modes,
            int restartMillis, Errors errors) {
    }

    /**
     * What went wrong (linux/can/netlink.h, struct can_berr_counter and can_device_stats).
     *
     * @param transmit the transmit error counter of ISO 11898-1
     * @param receive the receive error counter
     * @param bus errors seen on the bus
     * @param warnings how often it became error-warning
     * @param passives how often it became error-passive
     * @param busOffs how often it went bus-off
     * @param arbitrationsLost how often another frame went first
     * @param restarts how often it was started again after a bus-off
     */
    public record Errors(int transmit, int receive, long bus, long warnings, long passives, long busOffs,
            long arbitrationsLost, long restarts) {
    }

    /** Frames since the interface is there; {@code dropped} were received and found no room. */
    public record Traffic(long received, long sent, long dropped) {
    }
}
