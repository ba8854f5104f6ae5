package org.myclerk.api.payload;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;

/**
 * A received payload: one well-formed MessagePack map with its reserved keys read (profile §6). The operation's own
 * fields are read from it by {@link PayloadCodec}. The bytes are a window of the message's own array and stay valid.
 */
public final class Payload {

    /** The keys that no operation may use for a field of its own. */
    public enum Reserved {
        RID("rid"), STATUS("status"), ERROR("error"), REQUIRED_TIER("required-tier"), MORE("more"), CREDIT("credit"),
        FOLLOW("follow"), WATCH("watch"), RETRY_AFTER("retry-after");

        private final String key;
        private final byte[] utf8;

        Reserved(String key) {
            this.key = key;
            this.utf8 = key.getBytes(StandardCharsets.UTF_8);
        }

        public String key() {
            return key;
        }
    }

    private static final Reserved[][] BY_LENGTH = new Reserved[14][];

    static {
        for (int i = 0; i < BY_LENGTH.length; i++) {
            int length = i;
            BY_LENGTH[i] = Arrays.stream(Reserved.values()).filter(key -> key.utf8.length == length)
                    .toArray(Reserved[]::new);
        }
    }

    private static final byte[] EMPTY_MAP = {(byte) 0x80};
    private static final int LONGEST_ERROR = 256;
    private static final long UINT32 = 0xFFFF_FFFFL;

    private final byte[] array;
    private final int offset;
    private final int length;
    private int fieldsAt;
    private int fields;
    private long rid;
    private ErrorCode status;
    private boolean more;
    private Rare rare = Rare.NONE;
    private String fault;

    /** What most messages do not have. */
    private static final class Rare {

        private static final Rare NONE = new Rare();

        private String error;
        private int requiredTier = -1;
        private long credit = -1;
        private long follow;
        private long watch;
        private long retryAfter = -1;
    }

    private Payload(byte[] array, int offset, int length) {
        this.array = array;
        this.offset = offset;
        this.length = length;
        this.fieldsAt = offset + length;
    }

    /**
     * Reads a payload; no bytes at all are an empty map.
     *
     * @throws Malformed if the bytes are not such a map, its {@code rid} is not 1..2^32-1, or its {@code status} is
     *     not 0..255: nobody can be answered then
     */
    public static Payload decode(byte[] array, int offset, int length) throws Malformed {
        if (length == 0) {
            return new Payload(EMPTY_MAP, 0, 1);
        }
        Payload payload = new Payload(array, offset, length);
        MessagePackReader.check(array, offset, length, new Reserving(payload));
        return payload;
    }

    public static Payload decode(Bytes bytes) throws Malformed {
        byte[] array = bytes.toArray();
        return decode(array, 0, array.length);
    }

    /** Takes the reserved keys while the map is judged. */
    private record Reserving(Payload payload) implements MessagePackReader.Entries {

        @Override
        public void entry(MessagePackReader in, int at, int keyAt, int keyLength) throws Malformed {
            Reserved key = reserved(in, keyAt, keyLength);
            if (key != null) {
                payload.take(key, in);
            } else if (payload.fields == 0) {
                payload.fieldsAt = at;
            }
            // Reserved keys stand first, where writers put them; from the first other one on they are counted too.
            if (key == null || payload.fields > 0) {
                payload.fields++;
            }
        }
    }

    private void take(Reserved key, MessagePackReader in) throws Malformed {
        try {
            switch (key) {
                case RID -> rid = uint32(in, 1);
                case STATUS -> status = ErrorCode.of((int) number(in, 0, 255));
                case MORE -> more = in.bool();
                case ERROR -> rare().error = errorText(in);
                case REQUIRED_TIER -> rare().requiredTier = (int) number(in, 0, 255);
                case CREDIT -> rare().credit = uint32(in, 0);
                case FOLLOW -> rare().follow = uint32(in, 1);
                case WATCH -> rare().watch = uint32(in, 1);
                case RETRY_AFTER -> rare().retryAfter = uint32(in, 0);
            }
        } catch (Refused wrong) {
            if (key == Reserved.RID || key == Reserved.STATUS) {
                throw new Malformed(key.key + ": " + wrong.getMessage());
            }
            fault = key.key + ": " + wrong.getMessage();
        }
    }

    private Rare rare() {
        if (rare == Rare.NONE) {
            rare = new Rare();
        }
        return rare;
    }

    private static String errorText(MessagePackReader in) throws Refused {
        int start = in.position();
        int bytes = in.textHeader();
        if (bytes > LONGEST_ERROR) {
            throw Refused.badRequest("longer than " + LONGEST_ERROR + " bytes");
        }
        in.position(start);
        return in.text();
    }

    private static long uint32(MessagePackReader in, long min) throws Refused {
        return number(in, min, UINT32);
    }

    private static long number(MessagePackReader in, long min, long max) throws Refused {
        long value = in.integer();
        if (value < min || value > max) {
            throw Refused.badRequest("%d is not in %d..%d".formatted(value, min, max));
        }
        return value;
    }

    /** The reserved key at the position, or {@code null}; the position is left behind the key either way. */
    static Reserved reserved(MessagePackReader in) throws Refused {
        int length = in.textHeader();
        Reserved found = reserved(in, in.position(), length);
        in.position(in.position() + length);
        return found;
    }

    private static Reserved reserved(MessagePackReader in, int keyAt, int length) {
        if (length >= BY_LENGTH.length) {
            return null;
        }
        for (Reserved candidate : BY_LENGTH[length]) {
            if (in.matches(candidate.utf8, keyAt, length)) {
                return candidate;
            }
        }
        return null;
    }

    public Envelope envelope() {
        return new Envelope(rid, status, rare.error, rare.requiredTier, more, rare.credit, rare.follow, rare.watch,
                rare.retryAfter);
    }

    /** {@link Envelope#rid} alone. */
    public long rid() {
        return rid;
    }

    /** {@link Envelope#status} alone. */
    public ErrorCode status() {
        return status;
    }

    /** {@link Envelope#more} alone. */
    public boolean more() {
        return more;
    }

    /** {@link Envelope#credit} alone. */
    public long credit() {
        return rare.credit;
    }

    /** {@link Envelope#follow} alone. */
    public long follow() {
        return rare.follow;
    }

    /** {@link Envelope#isResponse} of the envelope. */
    public boolean isResponse() {
        return status != null;
    }

    /** {@link Envelope#isRequest} of the envelope. */
    public boolean isRequest() {
        return rid != 0 && status == null;
    }

    /** What is wrong with a reserved key other than {@code rid} and {@code status}, or {@code null}. */
    public String fault() {
        return fault;
    }

    /** The whole map as it came, reserved keys included. */
    public Bytes bytes() {
        return Bytes.wrap(array, offset, length);
    }

    /** Every field, reserved keys included, for tools that know no operation; see {@link Fields} for the types. */
    public Map<String, Object> toMap() {
        return new Fields(bytes()).toMap();
    }

    /** At the first field of the operation's own; {@link #fields} entries follow, reserved ones perhaps among them. */
    MessagePackReader reader() {
        return new MessagePackReader(array, fieldsAt, offset + length - fieldsAt);
    }

    /** Entries from {@link #reader} on. */
    int fields() {
        return fields;
    }
}
