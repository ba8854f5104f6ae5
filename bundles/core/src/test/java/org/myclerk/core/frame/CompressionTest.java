package org.myclerk.core.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.Arrays;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.operation.ProtocolException.Malformed;

/** The rules of profile §7. */
class CompressionTest {

    private static final int MIB = 1 << 20;
    private static final int HEADER = 5;

    private static byte[] text(int length) {
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++) {
            text[i] = (byte) ("a line of a log that says the same again and again\n".charAt(i % 51)
                    + i / 5100 % 3);
        }
        return text;
    }

    private static byte[] compress(int algorithm, byte[] payload) {
        return Compression.compress(algorithm, payload, 0, payload.length);
    }

    private static void refuses(byte[] data) {
        assertThrows(Malformed.class, () -> Compression.decompress(data));
    }

    @ParameterizedTest
    @ValueSource(ints = {Compression.LZ4, Compression.ZSTD})
    void restoresWhatItCompressed(int algorithm) throws Malformed {
        assertTrue(Compression.available(algorithm));
        for (int length : new int[] {0, 1, 12, 13, 1000, 65_535, MIB}) {
            byte[] payload = text(length);
            byte[] data = compress(algorithm, payload);
            assertEquals(algorithm, Compression.algorithm(data));
            assertTrue(length < 1000 || data.length < length / 4, data.length + " bytes of " + length);
            assertArrayEquals(payload, Compression.decompress(data));
        }
        byte[] noise = new byte[5000];
        new Random(1).nextBytes(noise);
        assertArrayEquals(noise, Compression.decompress(compress(algorithm, noise)));
        byte[] around = text(300);
        assertArrayEquals(Arrays.copyOfRange(around, 100, 250),
                Compression.decompress(Compression.compress(algorithm, around, 100, 150)));
    }

    @ParameterizedTest
    @ValueSource(ints = {Compression.LZ4, Compression.ZSTD})
    void refusesEveryPrefixAndWhatFollows(int algorithm) {
        byte[] data = compress(algorithm, text(500));
        for (int length = 0; length < data.length; length++) {
            refuses(Arrays.copyOf(data, length));
        }
        refuses(Arrays.copyOf(data, data.length + 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {Compression.LZ4, Compression.ZSTD})
    void refusesAnotherLengthThanStated(int algorithm) {
        for (long stated : new long[] {0, 1, 499, 501, MIB, MIB + 1, 0x7FFF_FFFFL, 0xFFFF_FFFFL}) {
            byte[] data = compress(algorithm, text(500));
            Wire.u32(data, 1, stated);
            refuses(data);
        }
    }

    @Test
    void refusesMoreThanOneMebibyte() {
        for (int algorithm : new int[] {Compression.LZ4, Compression.ZSTD}) {
            byte[] data = compress(algorithm, new byte[MIB + 1]);
            refuses(data);
            Wire.u32(data, 1, MIB);
            refuses(data);
        }
    }

    @Test
    void refusesAlgorithmsThatDoNotExist() throws Malformed {
        byte[] data = compress(Compression.LZ4, text(500));
        for (int algorithm = 2; algorithm < 256; algorithm++) {
            data[0] = (byte) algorithm;
            assertEquals(algorithm, Compression.algorithm(data));
            assertFalse(Compression.available(algorithm));
            refuses(data);
        }
        assertThrows(Malformed.class, () -> Compression.algorithm(new byte[4]));
    }

    @Test
    void takesOneZstdFrameAndNothingElse() throws Malformed {
        byte[] one = compress(Compression.ZSTD, text(250));
        byte[] frame = Arrays.copyOfRange(one, HEADER, one.length);
        byte[] two = Arrays.copyOf(one, one.length + frame.length);
        System.arraycopy(frame, 0, two, one.length, frame.length);
        Wire.u32(two, 1, 500);
        refuses(two);
        byte[] skippable = {1, 0, 0, 0, (byte) 250, 0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0};
        byte[] skipped = Arrays.copyOf(skippable, skippable.length + frame.length);
        System.arraycopy(frame, 0, skipped, skippable.length, frame.length);
        refuses(skipped);
        assertEquals(250, Compression.decompress(one).length);
    }

    @Test
    void barsWhatWouldTellASecret() {
        for (int operation : new int[] {0, 0x001F, 0xF350, 0xF37F, 0x0670, 0x067F}) {
            assertTrue(Compression.barred(operation));
        }
        for (int operation : new int[] {0x0020, 0x066F, 0x0680, 0xF34F, 0xF380}) {
            assertFalse(Compression.barred(operation));
        }
    }

    /** The class itself, loaded where the zstd library is missing. */
    @Test
    void doesWithoutZstd() throws Exception {
        ClassLoader own = Compression.class.getClassLoader();
        URL[] classes = {Compression.class.getProtectionDomain().getCodeSource().getLocation()};
        ClassLoader withoutZstd = new ClassLoader(own) {
            @Override
            protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
                if (name.startsWith("com.github.luben.") || name.startsWith(Compression.class.getPackageName()
                        + ".")) {
                    throw new ClassNotFoundException(name);
                }
                return super.loadClass(name, resolve);
            }
        };
        try (URLClassLoader loader = new URLClassLoader(classes, withoutZstd)) {
            Class<?> compression = loader.loadClass(Compression.class.getName());
            var available = compression.getMethod("available", int.class);
            assertEquals(true, available.invoke(null, Compression.LZ4));
            assertEquals(false, available.invoke(null, Compression.ZSTD));
            byte[] data = compress(Compression.LZ4, text(500));
            assertArrayEquals(text(500), (byte[]) compression.getMethod("decompress", byte[].class)
                    .invoke(null, data));
        }
    }
}
