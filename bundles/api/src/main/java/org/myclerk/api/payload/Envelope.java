package org.myclerk.api.payload;

import org.myclerk.api.operation.ErrorCode;

/**
 * The reserved keys of a payload (profile §6).
 *
 * @param rid request id 1..2^32-1, 0 if absent
 * @param status {@code null} if absent; its presence makes a response
 * @param error words for people, at most 256 bytes of UTF-8, {@code null} if absent
 * @param requiredTier the tier that would do, -1 if absent
 * @param more whether further responses to the same rid follow
 * @param credit number of responses the caller is ready for, -1 if absent
 * @param follow rid of the followed call that the credit is for, 0 if absent
 * @param watch rid of the request that caused this event, 0 if absent
 * @param retryAfter milliseconds after which the refused request is worth repeating, -1 if absent
 */
public record Envelope(long rid, ErrorCode status, String error, int requiredTier, boolean more, long credit,
        long follow, long watch, long retryAfter) {

    public static final Envelope NONE = new Envelope(0, null, null, -1, false, -1, 0, 0, -1);

    private static final int LONGEST_ERROR = 256;

    public static Envelope request(long rid) {
        return new Envelope(rid, null, null, -1, false, -1, 0, 0, -1);
    }

    /** A request whose answers go on while there is credit. */
    public static Envelope followed(long rid, long credit) {
        return new Envelope(rid, null, null, -1, false, credit, 0, 0, -1);
    }

    public static Envelope response(long rid, ErrorCode status) {
        return new Envelope(rid, status, null, -1, false, -1, 0, 0, -1);
    }

    /** A response that others to the same rid follow. */
    public static Envelope responseWithMore(long rid) {
        return new Envelope(rid, ErrorCode.OK, null, -1, true, -1, 0, 0, -1);
    }

    /** @param requiredTier -1 if the tier was not the reason */
    public static Envelope refusal(long rid, ErrorCode status, String error, int requiredTier) {
        return new Envelope(rid, status, shortened(error), requiredTier, false, -1, 0, 0, -1);
    }

    /** A refusal that promises that nothing was executed. @param retryAfter milliseconds */
    public static Envelope notNow(long rid, ErrorCode status, String error, long retryAfter) {
        return new Envelope(rid, status, shortened(error), -1, false, -1, 0, 0, retryAfter);
    }

    /** One-way: {@code credit} more responses for a followed call; 0 ends it. */
    public static Envelope credit(long follow, long credit) {
        return new Envelope(0, null, null, -1, false, credit, follow, 0, -1);
    }

    /** An event that exists because of a request. */
    public static Envelope event(long watch) {
        return new Envelope(0, null, null, -1, false, -1, 0, watch, -1);
    }

    public boolean isResponse() {
        return status != null;
    }

    /** Has a rid and no status. */
    public boolean isRequest() {
        return rid != 0 && status == null;
    }

    int entries() {
        return (rid != 0 ? 1 : 0) + (status != null ? 1 : 0) + (error != null ? 1 : 0)
                + (requiredTier >= 0 ? 1 : 0)
                + (more ? 1 : 0) + (credit >= 0 ? 1 : 0) + (follow != 0 ? 1 : 0) + (watch != 0 ? 1 : 0)
                + (retryAfter >= 0 ? 1 : 0);
    }

    void write(MessagePackWriter out) {
        if (rid != 0) {
            number(out, Payload.Reserved.RID, rid);
        }
        if (status != null) {
            number(out, Payload.Reserved.STATUS, status.value());
        }
        if (error != null) {
            out.key(Payload.Reserved.ERROR.encoded());
            out.text(error);
        }
        if (requiredTier >= 0) {
            number(out, Payload.Reserved.REQUIRED_TIER, requiredTier);
        }
        if (more) {
            out.key(Payload.Reserved.MORE.encoded());
            out.bool(true);
        }
        if (credit >= 0) {
            number(out, Payload.Reserved.CREDIT, credit);
        }
        if (follow != 0) {
            number(out, Payload.Reserved.FOLLOW, follow);
        }
        if (watch != 0) {
            number(out, Payload.Reserved.WATCH, watch);
        }
        if (retryAfter >= 0) {
            number(out, Payload.Reserved.RETRY_AFTER, retryAfter);
        }
    }

    private static void number(MessagePackWriter out, Payload.Reserved key, long value) {
        out.key(key.encoded());
        out.integer(value);
    }

    /** The longest beginning that fits into 256 bytes of UTF-8 without cutting a character. */
    private static String shortened(String text) {
        if (text == null) {
            return null;
        }
        int bytes = 0;
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
            if (bytes > LONGEST_ERROR) {
                return text.substring(0, i);
            }
            i += Character.charCount(point);
        }
        return text;
    }
}
