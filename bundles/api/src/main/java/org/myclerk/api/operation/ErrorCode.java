package org.myclerk.api.operation;

import java.util.Arrays;

/**
 * A status code (§9): any 8-bit value, because a peer may be newer than we are. 0x00-0x0F is success.
 *
 * @param value 0..0xFF
 */
public record ErrorCode(int value) {

    public static final ErrorCode OK = new ErrorCode(0x00);
    public static final ErrorCode BAD_REQUEST = new ErrorCode(0x10);
    public static final ErrorCode UNAUTHORIZED = new ErrorCode(0x11);
    public static final ErrorCode FORBIDDEN = new ErrorCode(0x12);
    public static final ErrorCode NOT_FOUND = new ErrorCode(0x13);
    public static final ErrorCode INVALID_SESSION = new ErrorCode(0x17);
    public static final ErrorCode INTERNAL_ERROR = new ErrorCode(0x20);
    /** From a handler that stops or a session that closes it promises that nothing was executed. */
    public static final ErrorCode SERVICE_UNAVAILABLE = new ErrorCode(0x21);
    public static final ErrorCode TIMEOUT = new ErrorCode(0x22);

    private static final ErrorCode[] ALL = new ErrorCode[0x100];

    static {
        Arrays.setAll(ALL, ErrorCode::new);
    }

    /**
     * The code of a number, without making an object.
     *
     * @throws IllegalArgumentException if it is not 0..0xFF
     */
    public static ErrorCode of(int value) {
        if (value < 0 || value > 0xFF) {
            throw new IllegalArgumentException("error code is 8 bits, got " + value);
        }
        return ALL[value];
    }

    public ErrorCode {
        if (value < 0 || value > 0xFF) {
            throw new IllegalArgumentException("error code is 8 bits, got " + value);
        }
    }

    /** Whether the code lies in the range 0x00-0x0F. */
    public boolean success() {
        return value <= 0x0F;
    }

    /** The draft's name, or the hexadecimal value of a code the draft does not name. */
    public String name() {
        return switch (value) {
            case 0x00 -> "OK";
            case 0x10 -> "BAD_REQUEST";
            case 0x11 -> "UNAUTHORIZED";
            case 0x12 -> "FORBIDDEN";
            case 0x13 -> "NOT_FOUND";
            case 0x17 -> "INVALID_SESSION";
            case 0x20 -> "INTERNAL_ERROR";
            case 0x21 -> "SERVICE_UNAVAILABLE";
            case 0x22 -> "TIMEOUT";
            default -> hex();
        };
    }

    @Override
    public String toString() {
        return name().equals(hex()) ? hex() : hex() + " " + name();
    }

    private String hex() {
        return "0x%02X".formatted(value);
    }
}
