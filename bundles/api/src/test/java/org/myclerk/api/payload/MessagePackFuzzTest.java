package org.myclerk.api.payload;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.ValueType;
import org.myclerk.api.operation.ProtocolException.Malformed;

/** Any bytes at the strict reader: it takes what another decoder finds allowed (profile §6), nothing else. */
class MessagePackFuzzTest {

    static Stream<byte[]> seeds() {
        return Stream.concat(PayloadCodecFuzzTest.seeds(), Stream.of(
                "de0001d9036e6574cd0001", "83a161cb3ff8000000000000a162ca3fc00000a163d3ffffffffffffffff",
                "df00000001a16101", "81a3726964cf00000000ffffffff", "81a16191919191919191919191919191919100",
                "82a16101a16102", "81a161ddffffffff", "88a372696407a6737461747573cc10a56572726f72a26e6f"
                + "ad72657175697265642d7469657204a46d6f7265c3a663726564697409a6666f6c6c6f7708a5776174636805")
                .map(hex -> Bytes.ofHex(hex).toArray()));
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsWhatIsAllowedAndRefusesTheRest(byte[] data) throws IOException, Malformed {
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
        Envelope envelope = payload.envelope();
        assertEquals(map.get("rid"), envelope.rid() == 0 ? null : envelope.rid());
        assertEquals(map.containsKey("status"), envelope.isResponse());
        assertTrue(envelope.rid() >>> 32 == 0);
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
}
