package org.myclerk.device.can;

import java.util.Objects;

import org.myclerk.api.payload.Bytes;

/**
 * A frame of a CAN bus (ISO 11898-1; linux/can.h).
 *
 * @param id 0..0x7FF, extended 0..0x1FFFFFFF; of an error frame the classes of linux/can/error.h
 * @param extended whether the identifier has 29 bits
 * @param bitRateSwitch of a CAN FD frame whether its data goes at the data bitrate (BRS)
 * @param errorState of a CAN FD frame whether its sender is error passive (ESI)
 * @param dlc the length code: the length up to 8, 9..15 for the lengths of CAN FD; a classic frame of 8 bytes
 *     may have 9..15 as well, and a remote frame has one without data
 * @param data 0..8 bytes, of CAN FD one of 0..8, 12, 16, 20, 24, 32, 48, 64
 * @param nanos when it was received, nanoseconds since 1970 by the node's clock, 0 for a frame to send
 */
public record CanFrame(Kind kind, int id, boolean extended, boolean bitRateSwitch, boolean errorState,
        int dlc, Bytes data, long nanos, Origin origin) {

    public static final int LARGEST_ID = 0x7FF;
    public static final int LARGEST_EXTENDED_ID = 0x1FFF_FFFF;

    private static final int[] LENGTHS = {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64};

    /** What a frame is. */
    public enum Kind {
        CLASSIC,
        /** Asks for the data of an identifier. */
        REMOTE,
        FD,
        /** Tells of a problem on the bus or of the controller; comes from the kernel, never from the wire. */
        ERROR
    }

    /** Where a frame comes from. */
    public enum Origin {
        /** From another node of the bus. */
        BUS,
        /** From another program on this machine. */
        MACHINE,
        /** Sent through the very {@link OpenCan} that received it. */
        OWN
    }

    public CanFrame {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(origin);
        if (id < 0 || id > (extended || kind == Kind.ERROR ? LARGEST_EXTENDED_ID : LARGEST_ID)) {
            throw new IllegalArgumentException("id: 0x%X does not fit %d bits".formatted(id,
                    extended ? 29 : 11));
        }
        if (dlc < 0 || dlc > 15) {
            throw new IllegalArgumentException("dlc: %d is not in 0..15".formatted(dlc));
        }
        if ((bitRateSwitch || errorState) && kind != Kind.FD) {
            throw new IllegalArgumentException("only frames of CAN FD have BRS and ESI");
        }
        int length = switch (kind) {
            case CLASSIC, ERROR -> Math.min(dlc, 8);
            case REMOTE -> 0;
            case FD -> LENGTHS[dlc];
        };
        if (data.length() != length) {
            throw new IllegalArgumentException("data: has %d bytes, length code %d of this kind stands for %d"
                    .formatted(data.length(), dlc, length));
        }
    }

    /** A classic frame to send. */
    public static CanFrame classic(int id, boolean extended, Bytes data) {
        return new CanFrame(Kind.CLASSIC, id, extended, false, false, dlc(Kind.CLASSIC, data.length()), data,
                0, Origin.BUS);
    }

    /**
     * The length code for so many bytes.
     *
     * @throws IllegalArgumentException if no code stands for that length
     */
    public static int dlc(Kind kind, int length) {
        for (int code = 0; code < (kind == Kind.FD ? 16 : 9); code++) {
            if (LENGTHS[code] == length) {
                return code;
            }
        }
        throw new IllegalArgumentException(kind == Kind.FD
                ? "data: %d bytes are no length of CAN FD: 0..8, 12, 16, 20, 24, 32, 48 or 64".formatted(
                length)
                : "data: %d bytes are more than the 8 of a classic frame".formatted(length));
    }
}
