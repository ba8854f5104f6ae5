package org.myclerk.op.can;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/** How an interface is to run; what is left out stays, but it is up afterwards unless {@code up} is false. */
public record InterfaceSetup(@Device @Size(min = 1,
        max = 128) @Help("id of the interface, as listed") String channel,
        @Help("false takes it off the bus") Optional<Boolean> up,
        @Range(min = 1, max = 8_000_000) @Help("bits per second") Optional<Integer> bitrate,
        @Range(min = 1,
        max = 999) @Help("where a bit is sampled, in thousandths") Optional<Integer> samplePoint,
        @Range(min = 1,
        max = 20_000_000) @Help("bits per second of CAN FD data") Optional<Integer> dataBitrate,
        @Range(min = 1, max = 999) @Help("of CAN FD data, in thousandths") Optional<Integer> dataSamplePoint,
        @Size(max = 9) @Help("the modes that are on") Optional<List<BusMode>> modes,
        @Range(max =
        3_600_000) @Help("milliseconds from bus-off to restart, 0 for never") Optional<Integer> restartMs,
        @Help("start again now after a bus-off") Optional<Boolean> restart) {

    /** A sample point is part of a bit timing: it comes with its bitrate. */
    public InterfaceSetup {
        if (samplePoint.isPresent() && bitrate.isEmpty() || dataSamplePoint.isPresent()
                && dataBitrate.isEmpty()) {
            throw new IllegalArgumentException("a sample point is set together with its bitrate");
        }
    }
}
