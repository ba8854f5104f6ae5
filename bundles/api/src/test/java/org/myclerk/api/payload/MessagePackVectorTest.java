package org.myclerk.api.payload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.api.operation.ProtocolException.Malformed;

/** What {@link Payload#decode} takes and refuses, against the vectors of the project (profile §6). */
class MessagePackVectorTest {

    /** A vector and the file it stands in. */
    record Vector(String file, String name, byte[] bytes) {

        @Override
        public String toString() {
            return file + ": " + name;
        }
    }

    private static List<Path> files() {
        Path root = Path.of(System.getProperty("myclerk.root", "../.."));
        List<Path> files = new ArrayList<>();
        files.add(root.resolve("docs/spec/vectors/wire.json"));
        files.add(root.resolve("docs/spec/vectors/wire-2.json"));
        for (String file : System.getProperty("myclerk.vectors", "").split(",")) {
            if (!file.isBlank()) {
                files.add(root.resolve(file.strip()));
            }
        }
        return files;
    }

    private static JsonObject read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file); JsonReader reader = Json.createReader(in)) {
            return reader.readObject();
        }
    }

    private static void collect(List<Vector> vectors, Path file, JsonObject parent, String group,
            String beginning) {
        if (parent == null || !parent.containsKey(group)) {
            return;
        }
        JsonObject members = parent.getJsonObject(group);
        for (String name : members.keySet()) {
            if (name.startsWith(beginning)) {
                vectors.add(new Vector(file.getFileName().toString(), name,
                        HexFormat.of().parseHex(members.getString(name))));
            }
        }
    }

    static Stream<Vector> accepted() throws IOException {
        List<Vector> vectors = new ArrayList<>();
        for (Path file : files()) {
            JsonObject extra = read(file).getJsonObject("extra");
            collect(vectors, file, extra, "msgpack_accept", "");
            collect(vectors, file, extra, "msgpack_levels", "accept");
        }
        return vectors.stream();
    }

    static Stream<Vector> refused() throws IOException {
        List<Vector> vectors = new ArrayList<>();
        for (Path file : files()) {
            JsonObject json = read(file);
            collect(vectors, file, json, "negative_msgpack", "");
            collect(vectors, file, json.getJsonObject("extra"), "msgpack_reject", "");
            collect(vectors, file, json.getJsonObject("extra"), "msgpack_levels", "reject");
        }
        return vectors.stream();
    }

    @Test
    void findsEveryGroup() throws IOException {
        assertTrue(accepted().count() >= 5, "accepted vectors");
        assertTrue(refused().count() >= 29, "refused vectors");
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void takesWhatIsWellFormed(Vector vector) throws Malformed {
        Payload payload = Payload.decode(Bytes.wrap(vector.bytes));
        Map<String, Object> map = payload.toMap();
        assertEquals(map, Payload.decode(Fields.of(map).encoded()).toMap(), "written and read again");
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refusesWhatIsNot(Vector vector) {
        assertThrows(Malformed.class, () -> Payload.decode(Bytes.wrap(vector.bytes)));
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void refusesEveryPrefix(Vector vector) {
        for (int length = 1; length < vector.bytes.length; length++) {
            Bytes prefix = Bytes.copyOf(vector.bytes, 0, length);
            assertThrows(Malformed.class, () -> Payload.decode(prefix), length + " bytes");
        }
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void looksAtItsWindowAlone(Vector vector) throws Malformed {
        byte[] around = new byte[vector.bytes.length + 8];
        Arrays.fill(around, (byte) 0xC1);
        System.arraycopy(vector.bytes, 0, around, 4, vector.bytes.length);
        assertEquals(Payload.decode(Bytes.wrap(vector.bytes)).toMap(),
                Payload.decode(around, 4, vector.bytes.length).toMap());
    }

    @Test
    void readsEveryFormOfANumber() throws Malformed {
        Map<String, Object> map = Payload.decode(Bytes.ofHex("88"
                + "a161cc80" + "a162cf8000000000000000" + "a163d0ff" + "a164d18000" + "a165d280000000"
                + "a166d38000000000000000" + "a167e0" + "a168ca3fc00000")).toMap();
        assertEquals(128L, map.get("a"));
        assertEquals(BigInteger.ONE.shiftLeft(63), map.get("b"));
        assertEquals(-1L, map.get("c"));
        assertEquals(-32768L, map.get("d"));
        assertEquals((long) Integer.MIN_VALUE, map.get("e"));
        assertEquals(Long.MIN_VALUE, map.get("f"));
        assertEquals(-32L, map.get("g"));
        assertEquals(1.5, map.get("h"));
    }

    @Test
    void refusesARepeatedKeyInAnyFormAndAnyNumberOfKeys() {
        for (int others : new int[] {0, 5, 20, 300}) {
            MessagePackWriter out = new MessagePackWriter();
            out.mapHeader(others + 2);
            out.text("twice");
            out.nil();
            for (int i = 0; i < others; i++) {
                out.text("k" + i);
                out.integer(i);
            }
            byte[] longForm = Bytes.ofHex("da00057477696365").toArray();
            out.raw(longForm, 0, longForm.length);
            out.nil();
            assertThrows(Malformed.class, () -> Payload.decode(out.toBytes()), others + " other keys");
        }
    }

    @Test
    void findsRepeatedKeysQuicklyAmongKeysMadeToCollide() {
        int bits = 14;
        int keys = 1 << bits;
        MessagePackWriter out = new MessagePackWriter(1 << 20);
        out.mapHeader(keys + 1);
        for (int i = 0; i <= keys; i++) {
            StringBuilder key = new StringBuilder();
            for (int bit = 0; bit < bits; bit++) {
                key.append((i >>> bit & 1) == 0 ? "Aa" : "BB");
            }
            out.text(key.toString());
            out.nil();
        }
        assertTimeoutPreemptively(Duration.ofSeconds(5),
                () -> assertThrows(Malformed.class, () -> Payload.decode(out.toBytes())));
    }
}
