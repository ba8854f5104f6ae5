package org.myclerk.runtime.cli;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.op.can.CanFilter;
import org.myclerk.op.can.CanFrame;
import org.myclerk.op.can.FrameKind;

/** CAN frames as the tools of can-utils write and read them: cansend, candump, log files. */
final class CanText {

    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final int ERROR_FLAG = 0x2000_0000;
    /** CANFD_FDF of linux/can.h, which the kernel sets in what it receives. */
    private static final int FD_FLAG = 4;
    private static final int[] LENGTHS = {8, 12, 16, 20, 24, 32, 48, 64};
    private static final String[] FLAGS = {"- -", "B -", "- E", "B E"};

    /** A line of a log file. */
    record Logged(long micros, String channel, CanFrame frame) {
    }

    private CanText() {
    }

    // --- reading ---------------------------------------------------------------------------------

    /**
     * Reads {@code 123#DEADBEEF}, {@code 12345678#R4}, {@code 123##1AABB} and the other forms of cansend.
     *
     * @throws Failure for what is none
     */
    static CanFrame frame(String text) throws Failure {
        int hash = text.indexOf('#');
        if (hash != 3 && hash != 8 || !text.substring(0, hash).matches("[0-9a-fA-F]+")) {
            throw wrong(text);
        }
        int id = Integer.parseUnsignedInt(text.substring(0, hash), 16);
        boolean extended = hash == 8;
        String rest = text.substring(hash + 1);
        try {
            if (extended && (id & ERROR_FLAG) != 0) {
                return made(id & ~ERROR_FLAG, Optional.of(FrameKind.ERROR), false, 0, Optional.empty(), rest);
            }
            if (rest.startsWith("#")) {
                int flags = HexFormat.fromHexDigit(rest.charAt(1));
                return made(id, Optional.of(FrameKind.FD), extended, flags, Optional.empty(),
                        rest.substring(2));
            }
            if (rest.startsWith("R") || rest.startsWith("r")) {
                return remote(id, extended, rest.substring(1));
            }
            int longer = rest.indexOf('_');
            Optional<Integer> dlc = longer < 0 ? Optional.empty()
                    : Optional.of(HexFormat.fromHexDigit(rest.charAt(longer + 1)));
            return made(id, Optional.empty(), extended, 0, dlc,
                    longer < 0 ? rest : rest.substring(0, longer));
        } catch (IllegalArgumentException | StringIndexOutOfBoundsException no) {
            throw wrong(text);
        }
    }

    private static CanFrame remote(int id, boolean extended, String length) {
        int dlc = length.isEmpty() ? 0 : HexFormat.fromHexDigit(length.charAt(0));
        if (length.length() == 3 && length.charAt(1) == '_') {
            dlc = HexFormat.fromHexDigit(length.charAt(2));
        } else if (length.length() > 1 || dlc > 8) {
            throw new IllegalArgumentException();
        }
        return made(id, Optional.of(FrameKind.REMOTE), extended, 0, Optional.of(dlc), "");
    }

    private static CanFrame made(int id,
            Optional<FrameKind> kind, boolean extended, int flags, Optional<Integer> dlc,
            String data) {
        byte[] bytes = HEX.parseHex(data.replace(".", ""));
        boolean fd = kind.equals(Optional.of(FrameKind.FD));
        if (bytes.length > (fd ? 64 : 8) || id < 0 || id > 0x1FFF_FFFF
                || !extended && id > 0x7FF && !kind.equals(Optional.of(FrameKind.ERROR))) {
            throw new IllegalArgumentException();
        }
        return new CanFrame(id, kind, flag(extended), flag((flags & 1) != 0), flag((flags & 2) != 0), dlc,
                Bytes.wrap(fd ? Arrays.copyOf(bytes, padded(bytes.length)) : bytes), Optional.empty(),
                Optional.empty());
    }

    private static Optional<Boolean> flag(boolean set) {
        return set ? Optional.of(true) : Optional.empty();
    }

    /** The next length that a frame of CAN FD can have. */
    private static int padded(int length) {
        if (length <= 8) {
            return length;
        }
        int i = 0;
        while (LENGTHS[i] < length) {
            i++;
        }
        return LENGTHS[i];
    }

    private static Failure wrong(String text) {
        return Failure.usage(
                "\"%s\" is no CAN frame: write 123#DEADBEEF, 12345678#112233 (29 bits), 123#R4 (remote), "
                .formatted(text) + "123##1AABB (CAN FD, 1 for the data bitrate)");
    }

    /** A line of a log file: {@code (1436509052.249713) vcan0 044#2A366C2BBA}. */
    static Logged logged(String line) throws Failure {
        String[] words = line.strip().split(" +");
        if (words.length < 3 || !words[0].matches("\\(\\d{1,12}\\.\\d{6}\\)")) {
            throw new Failure("\"%s\" is no line of a candump log".formatted(line));
        }
        String time = words[0].substring(1, words[0].length() - 1);
        int point = time.indexOf('.');
        return new Logged(Long.parseLong(time.substring(0, point)) * 1_000_000L
                + Long.parseLong(time.substring(point + 1)), words[1], frame(words[2]));
    }

    /**
     * A filter of candump: {@code 123:7FF}, {@code 123~7FF} (inverted). 8 digits are a 29-bit identifier; as
     * for candump that counts only if the mask has the bit 80000000, as 40000000 has remote frames count.
     */
    static CanFilter filter(String text) throws Failure {
        if (!text.matches("[0-9a-fA-F]{1,8}[:~][0-9a-fA-F]{1,8}")) {
            throw Failure.usage("\"%s\" is no filter: write ID:MASK or ID~MASK, such as 123:7FF".formatted(
                    text));
        }
        int sign = text.indexOf(':') < 0 ? text.indexOf('~') : text.indexOf(':');
        long id = Long.parseLong(text.substring(0, sign), 16);
        long mask = Long.parseLong(text.substring(sign + 1), 16);
        boolean extended = sign == 8 || (id & 0x8000_0000L) != 0;
        boolean formatCounts = (mask & 0x8000_0000L) != 0;
        return new CanFilter((int) (id & 0x1FFF_FFFF), (int) (mask & 0x1FFF_FFFF),
                formatCounts ? Optional.of(extended) : Optional.empty(),
                (mask & 0x4000_0000L) != 0 ? Optional.of((id & 0x4000_0000L) != 0) : Optional.empty(),
                text.charAt(sign) == '~' ? Optional.of(true) : Optional.empty());
    }

    // --- writing ---------------------------------------------------------------------------------

    /** The identifier as the kernel has it: with the flag of an error frame. */
    private static String id(CanFrame frame) {
        if (kind(frame) == FrameKind.ERROR) {
            return "%08X".formatted(frame.id() | ERROR_FLAG);
        }
        return (frame.extended().orElse(false) ? "%08X" : "%03X").formatted(frame.id());
    }

    static FrameKind kind(CanFrame frame) {
        return frame.kind().orElse(FrameKind.CLASSIC);
    }

    private static int flags(CanFrame frame) {
        return (frame.bitRateSwitch().orElse(false) ? 1 : 0) | (frame.errorState().orElse(false) ? 2 : 0);
    }

    /** As cansend takes it, and as it stands in a log file. */
    static String compact(CanFrame frame) {
        String data = HEX.formatHex(frame.data().toArray());
        return id(frame) + switch (kind(frame)) {
            case FD -> "##%X%s".formatted(flags(frame) | FD_FLAG, data);
            case REMOTE -> {
                int dlc = frame.dlc().orElse(0);
                yield "#R" + (dlc == 0 ? "" : Integer.toString(Math.min(8, dlc)))
                        + (dlc > 8 ? "_%X".formatted(dlc) : "");
            }
            case CLASSIC, ERROR -> "#" + data + frame.dlc().filter(dlc -> dlc > 8).map("_%X"::formatted)
                    .orElse("");
        };
    }

    /** Whether the identifier is written with 8 digits. */
    static boolean isLong(CanFrame frame) {
        return frame.extended().orElse(false) || kind(frame) == FrameKind.ERROR;
    }

    /**
     * As candump shows it: {@code 123   [4]  DE AD BE EF}.
     *
     * @param indented whether a short identifier stands below the end of long ones
     */
    static String shown(CanFrame frame, boolean ascii, boolean indented) {
        FrameKind kind = kind(frame);
        int length = kind == FrameKind.REMOTE ? Math.min(8, frame.dlc().orElse(0)) : frame.data().length();
        StringBuilder line = new StringBuilder(indented && !isLong(frame) ? "     " : "").append(id(frame));
        line.repeat(' ', kind == FrameKind.FD ? 2 : 3);
        line.append(kind == FrameKind.FD ? "[%02d] ".formatted(length) : "[%d] ".formatted(length));
        if (kind == FrameKind.REMOTE) {
            return line.append(" remote request").toString();
        }
        for (int i = 0; i < length; i++) {
            line.append(' ').append(HEX.toHexDigits(frame.data().at(i)));
        }
        if (length <= 8 && kind == FrameKind.ERROR) {
            line.append(("%" + (3 * (8 - length) + 13) + "s").formatted("ERRORFRAME"));
        } else if (length <= 8 && ascii) {
            line.append(("%" + (3 * (8 - length) + 4) + "s").formatted("'"));
            for (byte octet : frame.data().toArray()) {
                line.append(octet > 31 && octet < 127 ? (char) octet : '.');
            }
            line.append('\'');
        }
        return line.toString();
    }

    /** Direction and CAN FD flags, as {@code candump -x} has them. */
    static String extra(CanFrame frame) {
        return "  %s %s".formatted(frame.origin().isPresent() ? "TX" : "RX", FLAGS[flags(frame)]);
    }

    /** The time since another frame, as {@code candump -t d} has it. */
    static String secondsSince(long micros) {
        return "(%03d.%06d)".formatted(micros / 1_000_000, micros % 1_000_000);
    }

    /** A time in seconds, as in log files. */
    static String seconds(long micros) {
        return "(%010d.%06d)".formatted(micros / 1_000_000, micros % 1_000_000);
    }
}
