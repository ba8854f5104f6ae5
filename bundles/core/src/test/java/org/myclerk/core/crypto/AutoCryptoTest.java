package org.myclerk.core.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When libcrypto comes into use, and what happens where it cannot. */
class AutoCryptoTest {

    private static final byte[] ASSOCIATED = new byte[12];
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Seals and opens with other counters until the provider is that of the name, or the time is up. */
    private static void use(CryptoProvider crypto, String until) {
        NonceIsYoursAead sealing = crypto.aead(Secret.wrap(new byte[32]));
        NonceIsYoursAead opening = crypto.aead(Secret.wrap(new byte[32]));
        Hmac hmac = crypto.hmac(Secret.wrap(new byte[32]));
        long end = System.nanoTime() + PATIENCE.toNanos();
        byte[] nonce = new byte[Crypto.IV];
        for (int i = 0; System.nanoTime() < end; i++) {
            boolean last = crypto.name().equals(until);
            nonce[0] = (byte) i;
            nonce[1] = (byte) (i >> 8);
            nonce[2] = (byte) (i >> 16);
            byte[] text = {(byte) i};
            byte[] frame = CryptoProviderTest.seal(sealing, ASSOCIATED, text, nonce);
            assertArrayEquals(text, CryptoProviderTest.open(opening, ASSOCIATED.length, frame, nonce));
            byte[] code = new byte[Crypto.HASH];
            hmac.of(frame, 0, frame.length, code, 0, code.length);
            assertArrayEquals(Crypto.hmac(new byte[32], frame), code);
            if (last) {
                break;
            }
        }
        sealing.erase();
        opening.erase();
    }

    @Test
    void changesOverWhenThereIsSomethingToDo() throws Exception {
        String name = Wired.named("libcrypto").name();
        try (CryptoProvider crypto = CryptoProvider.of("auto")) {
            assertEquals(Wired.JDK.name(), crypto.name());
            use(crypto, name);
            assertEquals(name, crypto.name());
            assertArrayEquals(Wired.JDK.x25519(new byte[32], Crypto.x25519PublicKey(new byte[32])),
                    crypto.x25519(new byte[32], Crypto.x25519PublicKey(new byte[32])));
        }
    }

    @Test
    void stillWorksWhenItIsClosed() {
        CryptoProvider crypto = CryptoProvider.auto();
        crypto.close();
        use(crypto, Wired.JDK.name());
        assertEquals(Wired.JDK.name(), crypto.name());
    }

    @Test
    void refusesASettingThatIsNone() {
        assertEquals("it is auto, jdk or libcrypto",
                assertThrows(IllegalArgumentException.class, () -> CryptoProvider.of("openssl"))
                .getMessage());
    }

    /** A library that is none: what a machine without OpenSSL, or with a broken one, comes to. */
    @Test
    void doesWithoutALibraryThatDoesNotLoad(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("libcrypto.so.3"), "no library");
        String said = child(Map.of("LD_LIBRARY_PATH", folder.toString()), List.of());
        assertTrue(said.contains("forced: libcrypto.so.3 of OpenSSL cannot be used (Cannot open library: "
                + "libcrypto.so.3)"), said);
        assertTrue(said.contains("auto: " + Wired.JDK.name()), said);
        assertTrue(said.contains(Wired.JDK.name() + " encrypts: libcrypto.so.3 of OpenSSL cannot be used"),
                said);
        assertEquals(1, said.split(" encrypts", -1).length - 1, said);
    }

    @Test
    void doesWithoutALibraryThatMayNotBeCalled() throws Exception {
        String said = child(Map.of(), List.of("--illegal-native-access=deny",
                "--enable-native-access=nobody"));
        assertTrue(said.contains("forced: libcrypto.so.3 of OpenSSL cannot be used (Illegal native access"),
                said);
        assertTrue(said.contains("auto: " + Wired.JDK.name()), said);
    }

    /** What a process of its own says of both settings. */
    private static String child(Map<String, String> environment, List<String> options) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
                .toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
        command.addAll(options.isEmpty() ? List.of("--enable-native-access=ALL-UNNAMED") : options);
        command.add(Child.class.getName());
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), said);
        assertEquals(0, process.exitValue(), said);
        return said;
    }

    /** Tries to have libcrypto, then does without. */
    static final class Child {

        private Child() {
        }

        public static void main(String[] arguments) throws InterruptedException {
            try {
                assertNotEquals(null, CryptoProvider.of("libcrypto"));
            } catch (IOException missing) {
                System.out.println("forced: " + missing.getMessage());
            }
            try (CryptoProvider crypto = CryptoProvider.auto()) {
                for (int i = 0; i < 2; i++) {
                    use(crypto, 20_000);
                    for (Thread each : Thread.getAllStackTraces().keySet()) {
                        if (each.getName().equals("myclerk-libcrypto")) {
                            each.join();
                        }
                    }
                }
                System.out.println("auto: " + crypto.name());
            }
        }

        private static void use(CryptoProvider crypto, int times) {
            NonceIsYoursAead aead = crypto.aead(Secret.wrap(new byte[32]));
            for (int i = 0; i < times; i++) {
                aead.seal(new byte[40], 0, 12, 12, 12, new byte[] {(byte) i, (byte) (i >> 8),
                        (byte) (i >> 16), 0, 0, 0, 0, 0, 0, 0,
                    0, 0});
            }
        }
    }
}
