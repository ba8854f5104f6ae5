package org.myclerk.op.can;

import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * A frame of a CAN bus (ISO 11898-1; linux/can.h).
 *
 * @param id 0..0x7FF, extended to 0x1FFFFFFF; of an error frame the classes of linux/can/error.h
 * @param kind classic if absent
 * @param extended whether the identifier has 29 bits; absent if not
 * @param bitRateSwitch of a CAN FD frame whether its data goes at the data bitrate (BRS)
 * @param errorState of a CAN FD frame whether its sender is error passive (ESI)
 * @param dlc the length code, where it says more than the data: of a remote frame, and 9..15 of a classic one
 * @param time of a received frame the time by the node's clock, nanoseconds since 1970
 * @param origin of a received frame where it comes from; the bus if absent
 */
public record CanFrame(@Range(max = 0x1FFF_FFFF) @Help("identifier") int id,
        @Help("what it is") Optional<FrameKind> kind, @Help("29-bit identifier") Optional<Boolean> extended,
        @Help("CAN FD: data at the data bitrate") Optional<Boolean> bitRateSwitch,
        @Help("CAN FD: sender is error passive") Optional<Boolean> errorState,
        @Range(max = 15) @Help("length code, of a remote frame") Optional<Integer> dlc,
        @Size(max = 64) @Help("up to 8 bytes, CAN FD to 64") Bytes data,
        @Help("of a received frame, nanoseconds since 1970") Optional<Long> time,
        @Help("of a received frame") Optional<FrameOrigin> origin) {

    /** A classic frame to send. */
    public static CanFrame classic(int id, boolean extended, Bytes data) {
        return new CanFrame(id, Optional.empty(), extended ? Optional.of(true) : Optional.empty(),
                Optional.empty(),
                Optional.empty(), Optional.empty(), data, Optional.empty(), Optional.empty());
    }
}
