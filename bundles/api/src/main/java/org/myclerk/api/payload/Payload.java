package org.myclerk.api.payload;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;

/**
 * A received payload: one well-formed MessagePack map with its reserved keys read (profile §6). The
 * operation's own fields are read from it by {@link PayloadCodec}. The bytes are a window of the message's
 * own array and stay valid.
 */
public final class Payload {

    /** The keys that no operation may use for a field of its own. */
    public enum Reserved {
        RID("rid"), STATUS("status"), ERROR("error"), REQUIRED_TIER("required-tier"), MORE("more"),
                CREDIT("credit"),
        FOLLOW("follow"), WATCH("watch"), RETRY_AFTER("retry-after");

        private final String key;
        private final byte[] utf8;
        private final long word;
        private final MessagePackReader.Key encoded;

        Reserved(String key) {
            this.key = key;
            this.utf8 = key.getBytes(StandardCharsets.UTF_8);
            this.word = MessagePackCheck.word(utf8, 0, utf8.length);
            this.encoded = new MessagePackReader.Key(key);
        }

        public String key() {
            return key;
        }

        MessagePackReader.Key encoded() {
            return encoded;
        }

        /**
         * The key of so many bytes that stands there, or {@code null} if that is none of these.
         *
         * @param word as {@link MessagePackCheck#word} gives it
         */
        static Reserved of(byte[] array, int at, int length, long word) {
            if (length < BY_LENGTH.length) {
                for (Reserved candidate : BY_LENGTH[length]) {
                    if (candidate.word == word && (length <= Long.BYTES
                            || Arrays.equals(candidate.utf8, 0, length, array, at, at + length))) {
                        return candidate;
                    }
                }
            }
            return null;
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
     * @throws Malformed if the bytes are not such a map, its {@code rid} is not 1..2^32-1, or its
     *     {@code status} is not 0..255: nobody can be answered then
     */
    public static Payload decode(byte[] array, int offset, int length) throws Malformed {
        if (length == 0) {
            return new Payload(EMPTY_MAP, 0, 1);
        }
        Payload payload = new Payload(array, offset, length);
        MessagePackCheck.check(array, offset, length, payload);
        return payload;
    }

    public static Payload decode(Bytes bytes) throws Malformed {
        byte[] array = bytes.toArray();
        return decode(array, 0, array.length);
    }

    /**
     * Takes the reserved keys while the map is judged.
     *
     * @param at where an entry begins whose key and value are good
     * @param keyAt where the bytes of its key begin
     * @param word the key as {@link MessagePackCheck#word} gives it
     */
    void entry(int at, int keyAt, int keyLength, long word, int valueAt) throws Malformed {
        Reserved key = Reserved.of(array, keyAt, keyLength, word);
        if (key != null) {
            take(key, valueAt);
        } else if (fields == 0) {
            fieldsAt = at;
        }
        // Reserved keys stand first, where writers put them; from the first other one on they are counted
        // too.
        if (key == null || fields > 0) {
            fields++;
        }
    }

    private void take(Reserved key, int at) throws Malformed {
        try {
            switch (key) {
                case RID -> rid = number(at, 1, UINT32);
                case STATUS -> status = ErrorCode.of((int) number(at, 0, 255));
                case MORE -> more = reader(at).bool();
                case ERROR -> rare().error = errorText(reader(at));
                case REQUIRED_TIER -> rare().requiredTier = (int) number(at, 0, 255);
                case CREDIT -> rare().credit = number(at, 0, UINT32);
                case FOLLOW -> rare().follow = number(at, 1, UINT32);
                case WATCH -> rare().watch = number(at, 1, UINT32);
                case RETRY_AFTER -> rare().retryAfter = number(at, 0, UINT32);
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

    private long number(int at, long min, long max) throws Refused {
        long value = MessagePackCheck.unsigned(array, at);
        if (value < 0) {
            value = reader(at).integer();
        }
        if (value < min || value > max) {
            throw Refused.badRequest("%d is not in %d..%d".formatted(value, min, max));
        }
        return value;
    }

    public Envelope envelope() {
        return new Envelope(rid, status, rare.error, rare.requiredTier, more, rare.credit, rare.follow,
                rare.watch, rare.retryAfter);
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

    /**
     * Every field, reserved keys included, for tools that know no operation; see {@link Fields} for the
     * types.
     */
    public Map<String, Object> toMap() {
        return new Fields(bytes()).toMap();
    }

    /**
     * At the first field of the operation's own; {@link #fields} entries follow, reserved ones perhaps among
     * them.
     */
    MessagePackReader reader() {
        return reader(fieldsAt);
    }

    private MessagePackReader reader(int at) {
        return new MessagePackReader(array, at, offset + length - at);
    }

    /** Entries from {@link #reader} on. */
    int fields() {
        return fields;
    }
}
