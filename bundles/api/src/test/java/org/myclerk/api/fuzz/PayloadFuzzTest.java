package org.myclerk.api.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.ValueType;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Envelope;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.MessagePackWriter;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;
import org.myclerk.api.payload.WireNumber;

/** Any bytes at {@link Payload#decode} and, what it lets through, at {@link PayloadCodec#read}. */
class PayloadFuzzTest {

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

    private static List<byte[]> seeds() {
        MessagePackWriter out = new MessagePackWriter();
        ANYTHING.write(out, new Envelope(7, new ErrorCode(0x10), "no", 4, true, 9, 8, 5), full());
        Bytes whole = out.toBytes();
        return Stream.of(whole, ANYTHING.encode(full()).encoded(), Bytes.EMPTY,
                Bytes.ofHex("de0001d9036e6574cd0001"),
                Bytes.ofHex("83a161cb3ff8000000000000a162ca3fc00000a163d3ffffffffffffffff"),
                Bytes.ofHex("df00000001a16101"),
                Fields.of(Map.of("ä€😀", "\uD7FF\uE000\uDBFF\uDFFF\u0800\u07FF")).encoded(),
                Bytes.ofHex("81a3726964cf00000000ffffffff"),
                Bytes.ofHex("81a16191919191919191919191919191919100"), Bytes.ofHex("82a16101a16102"),
                Bytes.ofHex("81a161ddffffffff"),
                Bytes.ofHex("81a168d3ffffffff000000c8")).map(Bytes::toArray).toList();
    }

    @Test
    void decodesOrRefusesAnything() {
        new Fuzzer(seeds()).run(100_000, PayloadFuzzTest::decode);
    }

    private static void decode(byte[] data) throws IOException, Malformed, Refused {
        Payload payload;
        try {
            payload = Payload.decode(data, 0, data.length);
        } catch (Malformed refused) {
            assertNotNull(refused.getMessage());
            assertTrue(refused.getMessage().matches("(rid|status): .*") || !isPayload(data),
                    refused.getMessage());
            return;
        }
        assertTrue(data.length == 0 || isPayload(data));
        Map<String, Object> map = payload.toMap();
        assertEquals(map, Payload.decode(Fields.of(map).encoded()).toMap());
        read(ANYTHING, payload);
        read(FREE, payload);
    }

    /** Whether the profile allows these bytes, judged by another decoder. */
    private static boolean isPayload(byte[] data) throws IOException {
        try (MessageUnpacker in = MessagePack.newDefaultUnpacker(data)) {
            return in.hasNext() && in.getNextFormat().getValueType() == ValueType.MAP
                    && isValue(in, data.length, 1) && !in.hasNext();
        } catch (MessagePackException | CharacterCodingException | EOFException refused) {
            return false;
        }
    }

    private static boolean isValue(MessageUnpacker in, int end, int level) throws IOException {
        if (!in.hasNext()) {
            return false;
        }
        switch (in.getNextFormat().getValueType()) {
            case STRING ->
                UTF_8.newDecoder().decode(ByteBuffer.wrap(read(in, in.unpackRawStringHeader(), end)));
            case BINARY -> read(in, in.unpackBinaryHeader(), end);
            case ARRAY -> {
                int size = in.unpackArrayHeader();
                if (level > 16 || size > end - in.getTotalReadBytes()) {
                    return false;
                }
                for (int i = 0; i < size; i++) {
                    if (!isValue(in, end, level + 1)) {
                        return false;
                    }
                }
            }
            case MAP -> {
                int size = in.unpackMapHeader();
                Set<String> keys = new HashSet<>();
                if (level > 16 || size > end - in.getTotalReadBytes()) {
                    return false;
                }
                for (int i = 0; i < size; i++) {
                    if (!in.hasNext() || in.getNextFormat().getValueType() != ValueType.STRING) {
                        return false;
                    }
                    byte[] key = read(in, in.unpackRawStringHeader(), end);
                    if (!keys.add(UTF_8.newDecoder().decode(ByteBuffer.wrap(key)).toString())
                            || !isValue(in, end, level + 1)) {
                        return false;
                    }
                }
            }
            case EXTENSION -> {
                return false;
            }
            default -> in.skipValue();
        }
        return true;
    }

    private static byte[] read(MessageUnpacker in, int length, int end) throws IOException {
        if (length > end - in.getTotalReadBytes()) {
            throw new EOFException();
        }
        return in.readPayload(length);
    }

    /** What could be read comes back as it was. */
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
