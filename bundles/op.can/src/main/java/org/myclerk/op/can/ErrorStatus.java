package org.myclerk.op.can;

import java.util.Optional;

/**
 * How an interface does. What a controller counts is absent for a virtual interface.
 *
 * @param transmitErrors the transmit error counter of ISO 11898-1, 0..256
 * @param receiveErrors the receive error counter
 * @param busErrors errors seen on the bus since the interface is there, like all that follow
 * @param warnings how often it became error-warning
 * @param passives how often it became error-passive
 * @param busOffs how often it went bus-off
 * @param arbitrationsLost how often another frame went first
 * @param restarts how often it was started again after a bus-off
 * @param received frames
 * @param sent frames
 * @param dropped frames that were received and found no room
 */
public record ErrorStatus(
        Optional<BusState> state, Optional<Integer> transmitErrors, Optional<Integer> receiveErrors,
        Optional<Long> busErrors, Optional<Long> warnings, Optional<Long> passives, Optional<Long> busOffs,
        Optional<Long> arbitrationsLost, Optional<Long> restarts, long received, long sent, long dropped) {
}
