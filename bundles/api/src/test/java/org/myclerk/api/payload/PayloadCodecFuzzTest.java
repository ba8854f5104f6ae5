package org.myclerk.api.payload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;

/** Any payload at the codec of a record with every kind of component: what was read comes back as it was. */
class PayloadCodecFuzzTest {

    /** Numbers with gaps. */
    public enum Level implements WireNumber {
        LOW(0), HIGH(200);

        private final int number;

        Level(int number) {
            this.number = number;
        }

        @Override
        public int number() {
            return number;
        }
    }

    /**
     * Every kind of component under a name of one letter, most of them optional so that small inputs get far.
     */
    public record Anything(@Device Optional<String> a, Optional<Boolean> b,
            @Range(max = 9) Optional<Integer> c,
            Optional<Long> d, Optional<Double> e, @Size(max = 3) Optional<Bytes> f, Optional<Fields> g,
            Optional<Level> h, @Size(max = 4) Optional<List<Long>> i, Optional<Anything> j,
            Optional<List<Anything>> k) {
    }

    private static final PayloadCodec<Anything> ANYTHING = PayloadCodec.of(Anything.class);
    private static final PayloadCodec<Fields> FREE = PayloadCodec.of(Fields.class);

    private static Anything full() {
        Anything leaf = new Anything(Optional.of("x"), Optional.of(true), Optional.of(3),
                Optional.of(-70_000L),
                Optional.of(0.5), Optional.of(Bytes.ofHex("0102")),
                Optional.of(Fields.of(Map.of("q", List.of(1, "s")))),
                Optional.of(Level.HIGH), Optional.of(List.of(1L, 2L)), Optional.empty(), Optional.empty());
        return new Anything(Optional.empty(), Optional.empty(), Optional.of(9), Optional.of(1L << 40),
                Optional.of(1e300), Optional.empty(), Optional.of(Fields.NONE), Optional.of(Level.LOW),
                Optional.empty(), Optional.of(leaf), Optional.of(List.of(leaf, leaf)));
    }

    static Stream<byte[]> seeds() {
        MessagePackWriter out = new MessagePackWriter();
        ANYTHING.write(out, new Envelope(7, new ErrorCode(0x10), "no", 4, true, 9, 8, 5, 250), full());
        return Stream.of(out.toBytes(), ANYTHING.encode(full()).encoded(),
                Bytes.ofHex("81a168d3ffffffff000000c8"),
                Fields.of(Map.of("ä€😀", "\uD7FF\uE000\uDBFF\uDFFF\u0800\u07FF")).encoded())
                .map(Bytes::toArray);
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsWhatItWouldWrite(byte[] data) throws Malformed, Refused {
        Payload payload;
        try {
            payload = Payload.decode(data, 0, data.length);
        } catch (Malformed noPayload) {
            return;
        }
        read(ANYTHING, payload);
        read(FREE, payload);
    }

    private static <T> void read(PayloadCodec<T> codec, Payload payload) throws Malformed, Refused {
        T value;
        try {
            value = codec.read(payload);
        } catch (Refused refused) {
            assertEquals(ErrorCode.BAD_REQUEST, refused.code());
            return;
        }
        codec.deviceOf(value);
        MessagePackWriter out = new MessagePackWriter();
        codec.write(out, payload.envelope(), value);
        Payload again = Payload.decode(out.toBytes());
        assertEquals(payload.envelope(), again.envelope());
        assertEquals(value, codec.read(again));
        assertEquals(Envelope.NONE, Payload.decode(codec.encode(value).encoded()).envelope());
    }
}
