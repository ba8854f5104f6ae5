package org.myclerk.op.can;

import java.util.List;
import java.util.Optional;

/**
 * How an interface runs. Bitrates, sample points, modes and restart belong to a controller; a virtual interface has
 * none of them.
 *
 * @param up whether it takes part in the bus
 * @param fd whether it carries frames of CAN FD now
 * @param bitrate bits per second of arbitration and of classic frames; absent if not set
 * @param samplePoint thousandths of a bit
 * @param dataBitrate bits per second of the data of CAN FD
 * @param modes the modes that are on
 * @param restartMs milliseconds from a bus-off to the next start, 0 for never
 */
public record InterfaceSettings(boolean up, boolean fd, Optional<Integer> bitrate,
        Optional<Integer> samplePoint, Optional<Integer> dataBitrate, Optional<Integer> dataSamplePoint,
        List<BusMode> modes, Optional<Integer> restartMs) {
}
