package org.myclerk.core.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.core.Vectors.hex;
import static org.myclerk.core.Vectors.number;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.core.Vectors;
import org.myclerk.core.crypto.CryptoProvider;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.crypto.TrafficKeys;
import org.myclerk.core.crypto.Wired;

/** Frames, written and read, against the vectors. */
@ParameterizedClass
@ValueSource(strings = {"jdk", "libcrypto"})
class FrameVectorTest {

    private final CryptoProvider crypto;

    FrameVectorTest(String setting) {
        crypto = Wired.named(setting);
    }

    private static TrafficKeys keys(Vectors vectors) {
        JsonObject sealed = vectors.group("sealed");
        return new TrafficKeys(Secret.wrap(hex(sealed, "aead_key")), Secret.wrap(hex(sealed, "mac_key")),
                Secret.wrap(hex(sealed, "random")));
    }

    private static TrafficKeys keys(byte[] derived) {
        return new TrafficKeys(Secret.wrap(Arrays.copyOf(derived, 32)),
                Secret.wrap(Arrays.copyOfRange(derived, 32, 64)),
                Secret.wrap(Arrays.copyOfRange(derived, 64, 68)));
    }

    private static Frame parse(byte[] frame) throws Malformed {
        return Frame.parse(frame, 0, frame.length);
    }

    private byte[] open(OpeningHalf half, Frame frame) throws Malformed {
        assertTrue(half.trailerMatches(frame));
        return half.open(frame);
    }

    /** Opens a frame of the first 256 counters, or of the counter given. */
    private byte[] open(Vectors vectors, byte[] bytes, long counter) throws Malformed {
        Frame frame = parse(bytes);
        return open(new OpeningHalf(crypto, keys(vectors), frame.keyId(), true, counter), frame);
    }

    /** Seals again what a frame carried. */
    private byte[] seal(Vectors vectors, Frame like, long counter, byte[] plaintext) throws Exception {
        Tier tier = like.tier();
        byte[] buffer = new byte[3 + Layout.sealedOverhead(tier) + plaintext.length];
        System.arraycopy(plaintext, 0, buffer, 3 + Layout.header(tier), plaintext.length);
        int length = new SealingHalf(crypto, keys(vectors), like.keyId(), counter)
                .seal(buffer, 3, tier, like.operation(),
                like.flags().compressed(), like.flags().fragmented(), like.sessionId(), like.timestamp(),
                like.hasKey() ? like.key() : null, plaintext.length);
        return Arrays.copyOfRange(buffer, 3, 3 + length);
    }

    @ParameterizedTest
    @MethodSource("org.myclerk.core.Vectors#all")
    void sumsCrc16(Vectors vectors) {
        JsonObject group = vectors.group("crc16");
        byte[] input = hex(group, "input");
        assertEquals(Integer.parseInt(group.getString("crc"), 16), Crc16.of(input, 0, input.length));
    }

    @ParameterizedTest
    @MethodSource("org.myclerk.core.Vectors#all")
    void knowsSizes(Vectors vectors) {
        for (Tier tier : Tier.values()) {
            String number = Integer.toString(tier.number());
            assertEquals(vectors.group("header_sizes").getInt(number), Layout.header(tier), tier::toString);
            assertEquals(vectors.group("trailer_sizes").getInt(number), Layout.trailer(tier), tier::toString);
        }
    }

    @ParameterizedTest
    @MethodSource("org.myclerk.core.Vectors#all")
    void writesAndReadsPlainFrames(Vectors vectors) throws Malformed {
        for (JsonValue value : vectors.json().getJsonArray("plain")) {
            JsonObject plain = value.asJsonObject();
            Tier tier = plain.containsKey("session_id") ? Tier.T2 : Tier.T1;
            int sessionId = plain.getInt("session_id", 0);
            byte[] expected = hex(plain, "frame");
            assertArrayEquals(expected, PlainFrames.write(tier, plain.getInt("op"), plain.getInt("seq"),
                    sessionId, 0, 0, null, hex(plain, "payload")));
            Frame frame = parse(expected);
            PlainFrames.checkTrailer(frame);
            assertEquals(tier, frame.tier());
            assertEquals(plain.getInt("op"), frame.operation());
            assertEquals(plain.getInt("seq"), frame.sequence());
            assertEquals(sessionId, frame.sessionId());
            assertArrayEquals(hex(plain, "payload"), Arrays.copyOfRange(expected, frame.bodyOffset(),
                    frame.bodyOffset() + frame.bodyLength()));
        }
    }

    @ParameterizedTest
    @MethodSource("org.myclerk.core.Vectors#all")
    void writesAndReadsThePlainFramesOfHandshakes(Vectors vectors) throws Malformed {
        List<byte[]> frames = new ArrayList<>();
        for (JsonValue value : vectors.json().getJsonArray("handshakes")) {
            JsonObject handshake = value.asJsonObject();
            handshake.getJsonObject("frames").values().forEach(hex -> frames.add(bytes(hex)));
            if (handshake.containsKey("resumption") && !handshake.isNull("resumption")) {
                handshake.getJsonObject("resumption").getJsonObject("frames").values()
                        .forEach(hex -> frames.add(bytes(hex)));
            }
        }
        vectors.extra("refusals").forEach((name, hex) -> {
            if (!name.equals("echo")) {
                frames.add(bytes(hex));
            }
        });
        int plain = 0;
        for (byte[] bytes : frames) {
            Frame frame = parse(bytes);
            if (!frame.flags().encrypted()) {
                PlainFrames.checkTrailer(frame);
                byte[] payload = Arrays.copyOfRange(bytes, frame.bodyOffset(),
                        frame.bodyOffset() + frame.bodyLength());
                assertArrayEquals(bytes, PlainFrames.write(frame.tier(), frame.operation(), frame.sequence(),
                        frame.sessionId(), frame.timestamp(), frame.nonce(),
                        frame.hasKey() ? frame.key() : null, payload));
                plain++;
            }
        }
        assertTrue(plain >= 3 * vectors.json().getJsonArray("handshakes").size());
    }

    private static byte[] bytes(JsonValue hex) {
        return HexFormat.of().parseHex(((JsonString) hex).getString());
    }

    /** Frames 4 to 6 and the messages after them, under the keys of their direction. */
    @ParameterizedTest
    @MethodSource("org.myclerk.core.Vectors#all")
    void opensTheSealedFramesOfHandshakes(Vectors vectors) throws Malformed {
        for (JsonValue value : vectors.json().getJsonArray("handshakes")) {
            JsonObject secrets = value.asJsonObject().getJsonObject("secrets");
            List<OpeningHalf> halves = new ArrayList<>();
            for (String key : List.of("hs_r2i", "hs_i2r", "app_i2r", "app_r2i")) {
                halves.add(new OpeningHalf(crypto, keys(hex(secrets, key)), 0, true));
            }
            int opened = 0;
            for (JsonValue hex : value.asJsonObject().getJsonObject("frames").values()) {
                Frame frame = parse(bytes(hex));
                if (frame.flags().encrypted()) {
                    List<OpeningHalf> matching = halves.stream().filter(half -> half.trailerMatches(frame))
                            .toList();
                    assertEquals(1, matching.size());
                    matching.getFirst().open(frame);
                    opened++;
                }
            }
            assertTrue(opened >= 3);
            assertEquals(1, halves.get(0).expected());
            assertEquals(1, halves.get(1).expected());
        }
    }

    @ParameterizedTest
    @MethodSource("org.myclerk.core.Vectors#all")
    void sealsAndOpens(Vectors vectors) throws Exception {
        for (JsonValue value : vectors.group("sealed").getJsonArray("cases")) {
            JsonObject sealed = value.asJsonObject();
            Tier tier = Tier.of(sealed.getInt("tier"));
            long counter = number(sealed, "counter");
            byte[] expected = hex(sealed, "frame");
            Frame frame = parse(expected);
            assertEquals(tier, frame.tier());
            assertEquals(sealed.getInt("op"), frame.operation());
            assertEquals(sealed.getInt("session_id"), frame.sessionId());
            assertEquals(number(sealed, "key_id"), frame.keyId());
            assertEquals(number(sealed, "timestamp"), frame.timestamp());
            assertEquals(Integer.parseInt(sealed.getString("header_nonce"), 16), frame.nonce());
            assertArrayEquals(hex(sealed, "aad"), Arrays.copyOf(expected, Layout.associated(tier)));
            byte[] payload = hex(sealed, "payload");
            assertArrayEquals(payload, open(vectors, expected, counter), sealed::toString);
            if (tier != Tier.T2) {
                OpeningHalf unordered = new OpeningHalf(crypto, keys(vectors), frame.keyId(), false, counter);
                assertArrayEquals(payload, open(unordered, frame));
                assertThrows(Malformed.class, () -> unordered.open(frame), "a replay");
            }
            assertArrayEquals(expected, seal(vectors, frame, counter, payload), sealed::toString);
            assertArrayEquals(hex(sealed, "frame"), expected, "reading changed the frame");
        }
    }

    @ParameterizedTest
    @MethodSource("org.myclerk.core.Vectors#all")
    void sealsAndOpensAnEmptyPayload(Vectors vectors) throws Exception {
        byte[] bytes = hex(vectors.group("sealed"), "empty_payload_tier3");
        long counter = bytes[3] & 0xFF;
        assertArrayEquals(new byte[0], open(vectors, bytes, counter));
        assertArrayEquals(bytes, seal(vectors, parse(bytes), counter, new byte[0]));
    }

    @ParameterizedTest
    @MethodSource("org.myclerk.core.Vectors#all")
    void recoversCounters(Vectors vectors) {
        JsonObject group = vectors.group("counter_recovery_tier3");
        int mask = Wire.u16(hex(group, "random"), 2);
        for (JsonValue value : group.getJsonArray("cases")) {
            JsonObject recovery = value.asJsonObject();
            int travelled = (Integer.parseInt(recovery.getString("header_nonce"), 16) ^ mask) << 8
                    | recovery.getInt("seq");
            assertEquals(number(recovery, "counter"),
                    CounterRecovery.recover(Tier.T3, number(recovery, "expected"), travelled),
                    recovery::toString);
        }
    }

    @ParameterizedTest
    @MethodSource("org.myclerk.core.Vectors#all")
    void decompressesLz4(Vectors vectors) throws Exception {
        decompresses(vectors, vectors.group("compression_lz4"));
        if (!vectors.extra("lz4_matches").isEmpty()) {
            decompresses(vectors, vectors.extra("lz4_matches"));
        }
        JsonObject overlap = vectors.group("lz4_block_overlap");
        byte[] block = hex(overlap, "block");
        byte[] expected = hex(overlap, "out");
        byte[] data = new byte[5 + block.length];
        Wire.u32(data, 1, expected.length);
        System.arraycopy(block, 0, data, 5, block.length);
        assertArrayEquals(expected, Compression.decompress(data));
    }

    @ParameterizedTest
    @MethodSource("org.myclerk.core.Vectors#all")
    void decompressesZstd(Vectors vectors) throws Exception {
        if (!vectors.extra("zstd").isEmpty()) {
            decompresses(vectors, vectors.extra("zstd"));
        }
    }

    private void decompresses(Vectors vectors, JsonObject group) throws Exception {
        byte[] bytes = hex(group, "frame");
        byte[] data = hex(group, "data");
        byte[] payload = hex(group, "payload");
        Frame frame = parse(bytes);
        assertTrue(frame.flags().compressed());
        assertArrayEquals(data, open(vectors, bytes, frame.sequence()));
        assertArrayEquals(bytes, seal(vectors, frame, frame.sequence(), data));
        assertArrayEquals(payload, Compression.decompress(data));
        int algorithm = Compression.algorithm(data);
        byte[] own = Compression.compress(algorithm, payload, 0, payload.length);
        assertEquals(algorithm, own[0]);
        assertArrayEquals(payload, Compression.decompress(own));
    }

    @ParameterizedTest
    @MethodSource("org.myclerk.core.Vectors#all")
    void cutsAndJoinsFragments(Vectors vectors) throws Exception {
        JsonObject group = vectors.group("fragments");
        byte[] payload = hex(group, "payload");
        int part = group.getInt("part");
        JsonArray frames = group.getJsonArray("frames");
        Reassembly reassembly = new Reassembly();
        for (int i = 0; i < frames.size(); i++) {
            byte[] bytes = bytes(frames.get(i));
            Frame frame = parse(bytes);
            byte[] piece = new byte[Reassembly.HEADER + Math.min(part, payload.length - i * part)];
            Reassembly.header(piece, 0, number(group, "message_id"), i, frames.size());
            System.arraycopy(payload, i * part, piece, Reassembly.HEADER, piece.length - Reassembly.HEADER);
            assertArrayEquals(bytes, seal(vectors, frame, frame.sequence(), piece));
            byte[] whole = reassembly.add(frame.operation(), 0, open(vectors, bytes, frame.sequence()), 0);
            assertArrayEquals(i < frames.size() - 1 ? null : payload, whole);
        }
    }

    @ParameterizedTest
    @MethodSource("org.myclerk.core.Vectors#all")
    void joinsCompressedFragments(Vectors vectors) throws Exception {
        JsonObject group = vectors.extra("compressed_fragments_tier5");
        if (!group.isEmpty()) {
            Reassembly reassembly = new Reassembly();
            long counter = number(group, "first_counter");
            byte[] whole = null;
            for (JsonValue hex : group.getJsonArray("frames")) {
                Frame frame = parse(bytes(hex));
                assertTrue(frame.flags().compressed() && frame.flags().fragmented());
                // The pieces may come apart: the counter steps from one to the next, but need not by one.
                OpeningHalf half = new OpeningHalf(crypto, keys(vectors), frame.keyId(), false, counter);
                whole = reassembly.add(frame.operation(), 1, open(half, frame), 0);
            }
            assertArrayEquals(hex(group, "payload"), Compression.decompress(whole));
        }
    }

    @ParameterizedTest
    @MethodSource("org.myclerk.core.Vectors#all")
    void writesAndReadsContainers(Vectors vectors) throws Exception {
        JsonObject group = vectors.group("tier0_batch");
        byte[] batch = hex(group, "batch");
        byte[] written = new byte[batch.length];
        int position = 0;
        List<Container.Item> items = Container.read(batch);
        assertEquals(group.getJsonArray("items").size(), items.size());
        for (int i = 0; i < items.size(); i++) {
            JsonObject item = group.getJsonArray("items").getJsonObject(i);
            byte[] payload = hex(item, "payload");
            position = Container.write(written, position, item.getInt("op"), payload, 0, payload.length);
            assertEquals(item.getInt("op"), items.get(i).operation());
            assertArrayEquals(payload, Arrays.copyOfRange(batch, items.get(i).offset(),
                    items.get(i).offset() + items.get(i).length()));
        }
        assertArrayEquals(batch, written);
        byte[] bytes = hex(group, "frame");
        Frame frame = parse(bytes);
        assertEquals(0, frame.operation());
        assertArrayEquals(batch, open(vectors, bytes, frame.sequence()));
        assertArrayEquals(bytes, seal(vectors, frame, frame.sequence(), batch));
    }

    @ParameterizedTest
    @MethodSource("org.myclerk.core.Vectors#all")
    void refusesBadFrames(Vectors vectors) {
        vectors.group("negative_frames").forEach((name, hex) -> {
            byte[] bytes = bytes(hex);
            assertThrows(Malformed.class, () -> {
                Frame frame = parse(bytes);
                if (!frame.flags().encrypted()) {
                    PlainFrames.checkTrailer(frame);
                    return;
                }
                OpeningHalf half = new OpeningHalf(crypto, keys(vectors), frame.keyId(), false);
                if (!half.trailerMatches(frame)) {
                    throw new Malformed("trailer");
                }
                half.open(frame);
            }, name);
        });
    }
}
