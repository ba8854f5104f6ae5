package org.myclerk.core.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.operation.ProtocolException.Malformed;

/** The vectors of the standards and the rules of the interface, for each provider. */
@ParameterizedClass
@ValueSource(strings = {"jdk", "libcrypto"})
class CryptoProviderTest {

    private static final int LEAD = 5;
    private static final byte[] ASSOCIATED = hex("50515253c0c1c2c3c4c5c6c7");
    private static final byte[] NONCE = hex("070000004041424344454647");

    private final CryptoProvider crypto;

    CryptoProviderTest(String setting) {
        crypto = Wired.named(setting);
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replaceAll("\\s", ""));
    }

    private static Secret key() {
        return Secret.wrap(hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"));
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    /** Some bytes that are not part of it, associated data, ciphertext and tag. */
    static byte[] seal(NonceIsYoursAead aead, byte[] associated, byte[] text, byte[] nonce) {
        byte[] frame = new byte[LEAD + associated.length + text.length + Crypto.TAG];
        System.arraycopy(associated, 0, frame, LEAD, associated.length);
        System.arraycopy(text, 0, frame, LEAD + associated.length, text.length);
        aead.seal(frame, LEAD, associated.length, LEAD + associated.length, text.length, nonce);
        return frame;
    }

    /** What {@link #seal} made, or {@code null} if it does not open. */
    static byte[] open(NonceIsYoursAead aead, int associated, byte[] frame, byte[] nonce) {
        int sealed = frame.length - LEAD - associated;
        byte[] text = new byte[sealed - Crypto.TAG];
        byte[] before = frame.clone();
        boolean authentic = aead.open(frame, LEAD, associated, LEAD + associated, sealed, nonce, text);
        assertArrayEquals(before, frame, "opening changes the frame");
        if (!authentic) {
            assertArrayEquals(new byte[text.length], text, "a plaintext of what is not authentic");
        }
        return authentic ? text : null;
    }

    /** RFC 8439 §2.8.2. */
    @Test
    void sealsAsRfc8439() {
        byte[] text =
                ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
                + "future, "
                + "sunscreen would be it.").getBytes(StandardCharsets.US_ASCII);
        byte[] expected = hex("""
                d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b
                1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc
                3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691""");
        NonceIsYoursAead aead = crypto.aead(key());
        byte[] frame = seal(aead, ASSOCIATED, text, NONCE);
        assertArrayEquals(expected, Arrays.copyOfRange(frame, LEAD + ASSOCIATED.length, frame.length));
        assertArrayEquals(text, open(aead, ASSOCIATED.length, frame, NONCE));
        assertArrayEquals(text, open(crypto.aead(key()), ASSOCIATED.length, frame, NONCE));
    }

    @Test
    void opensNothingThatWasAltered() {
        NonceIsYoursAead aead = crypto.aead(key());
        byte[] text = {1, 2, 3, 4, 5};
        byte[] frame = seal(aead, ASSOCIATED, text, NONCE);
        for (int bit = 8 * LEAD; bit < 8 * frame.length; bit++) {
            byte[] altered = frame.clone();
            altered[bit / 8] ^= (byte) (1 << bit % 8);
            assertEquals(null, open(aead, ASSOCIATED.length, altered, NONCE), "bit " + bit);
            assertArrayEquals(text, open(aead, ASSOCIATED.length, frame, NONCE), "after bit " + bit);
        }
        for (int bit = 0; bit < 8 * NONCE.length; bit++) {
            byte[] nonce = NONCE.clone();
            nonce[bit / 8] ^= (byte) (1 << bit % 8);
            assertEquals(null, open(aead, ASSOCIATED.length, frame, nonce), "bit of the nonce " + bit);
        }
        for (int sealed = 0; sealed < text.length + Crypto.TAG; sealed++) {
            assertFalse(aead.open(frame, LEAD, ASSOCIATED.length, LEAD + ASSOCIATED.length, sealed, NONCE,
                    new byte[Math.max(0, sealed - Crypto.TAG)]), sealed + " bytes");
        }
    }

    /** A few calls share what the library keeps: keys must not. */
    @Test
    void keepsKeysApart() {
        List<NonceIsYoursAead> aeads = IntStream.range(0, 5)
                .mapToObj(i -> crypto.aead(Secret.wrap(filled(32, i))))
                .toList();
        List<byte[]> frames = aeads.stream().map(aead -> seal(aead, ASSOCIATED, new byte[100], NONCE))
                .toList();
        for (int i = 0; i < 5; i++) {
            for (int j = 0; j < 5; j++) {
                assertEquals(i == j, open(aeads.get(i), ASSOCIATED.length, frames.get(j), NONCE) != null,
                        i + " " + j);
            }
        }
        aeads.get(1).erase();
        assertArrayEquals(new byte[100], open(aeads.get(2), ASSOCIATED.length, frames.get(2), NONCE));
    }

    /** Around the blocks of the cipher, and around the pieces in which libcrypto gets long ones. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 17, 63, 64, 65, 1000, 32_767, 32_768, 32_769, 65_536, 200_001})
    void sealsAsTheOther(int size) {
        byte[] text = new byte[size];
        new Random(size).nextBytes(text);
        byte[] associated = new byte[48];
        byte[] frame = seal(crypto.aead(key()), associated, text, NONCE);
        for (CryptoProvider each : Wired.all()) {
            assertArrayEquals(seal(each.aead(key()), associated, text, NONCE), frame, each.name());
            assertArrayEquals(text, open(each.aead(key()), associated.length, frame, NONCE), each.name());
        }
    }

    @Test
    void sealsNothingTwiceWithANonce() {
        NonceIsYoursAead aead = crypto.aead(key());
        byte[] frame = seal(aead, ASSOCIATED, new byte[9], NONCE);
        assertThrows(IllegalStateException.class, () -> seal(aead, ASSOCIATED, new byte[9], NONCE));
        assertArrayEquals(new byte[9], open(aead, ASSOCIATED.length, frame, NONCE));
    }

    @Test
    void staysInsideItsArrays() {
        NonceIsYoursAead aead = crypto.aead(key());
        byte[] small = new byte[60];
        assertThrows(RuntimeException.class, () -> aead.seal(small, 0, 12, 12, 60 - 12 - 15, NONCE));
        assertThrows(RuntimeException.class, () -> aead.seal(small, 55, 12, 12, 10, NONCE));
        assertThrows(RuntimeException.class, () -> aead.seal(small, 0, 12, 12, -1, NONCE));
        assertThrows(RuntimeException.class, () -> aead.seal(small, 0, 12, 12, 10, new byte[11]));
        assertThrows(RuntimeException.class, () -> aead.open(small, 0, 12, 50, 20, NONCE, new byte[100]));
        assertThrows(RuntimeException.class, () -> aead.open(small, 0, 12, 12, 48, NONCE, new byte[31]));
        assertThrows(RuntimeException.class, () -> crypto.aead(Secret.wrap(new byte[31]))
                .seal(small, 0, 12, 12, 10, NONCE));
        byte[] frame = seal(crypto.aead(key()), ASSOCIATED, new byte[9], NONCE);
        assertArrayEquals(new byte[9], open(aead, ASSOCIATED.length, frame, NONCE));
    }

    /** RFC 4231 §4.3, and the JDK's own HMAC for lengths around each block and each piece of a call. */
    @Test
    void hashesAsRfc4231AndTheJdk() throws Exception {
        byte[] code = new byte[Crypto.HASH];
        crypto.hmac(Secret.wrap("Jefe".getBytes(StandardCharsets.US_ASCII)))
                .of("what do ya want for nothing?".getBytes(StandardCharsets.US_ASCII), 0, 28, code, 0,
                code.length);
        assertArrayEquals(hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"), code);
        byte[] data = new byte[70_000];
        new Random(9).nextBytes(data);
        Mac oracle = Mac.getInstance("HmacSHA256");
        oracle.init(new SecretKeySpec(filled(32, 3), "HmacSHA256"));
        Hmac hmac = crypto.hmac(Secret.wrap(filled(32, 3)));
        for (int length : IntStream.concat(IntStream.range(0, 300),
                IntStream.of(32_767, 32_768, 32_769, 65_536, 69_993))
                .toArray()) {
            oracle.update(data, 7, length);
            byte[] target = filled(40, 5);
            hmac.of(data, 7, length, target, 3, 32);
            assertArrayEquals(oracle.doFinal(), Arrays.copyOfRange(target, 3, 35), "length " + length);
            assertEquals(5, target[2]);
            assertEquals(5, target[35]);
        }
    }

    @Test
    void knowsItsHmacAndNoOther() {
        Hmac hmac = crypto.hmac(key());
        for (int size : new int[] {4, 8, 16, 32}) {
            byte[] frame = new byte[100 + size];
            hmac.of(frame, 0, 100, frame, 100, size);
            assertTrue(hmac.matches(frame, 0, 100, 100, size));
            for (int bit = 0; bit < 8 * frame.length; bit++) {
                frame[bit / 8] ^= (byte) (1 << bit % 8);
                assertFalse(hmac.matches(frame, 0, 100, 100, size), "bit " + bit);
                frame[bit / 8] ^= (byte) (1 << bit % 8);
            }
        }
    }

    @Test
    void erasesTheKeyOfAnHmac() {
        Secret key = key();
        Hmac hmac = crypto.hmac(key);
        byte[] frame = new byte[50];
        assertThrows(RuntimeException.class, () -> hmac.of(frame, 10, 41, frame, 0, 8));
        assertThrows(RuntimeException.class, () -> hmac.of(frame, 0, 40, frame, 45, 8));
        hmac.erase();
        assertEquals(Secret.wrap(new byte[32]), key);
        assertThrows(RuntimeException.class, () -> hmac.of(frame, 0, 40, frame, 40, 8));
    }

    @Test
    void servesManyThreadsAtOnce() throws Exception {
        NonceIsYoursAead[] aeads = IntStream.range(0, 40).mapToObj(i ->
                crypto.aead(Secret.wrap(filled(32, i))))
                .toArray(NonceIsYoursAead[]::new);
        byte[][] expected = IntStream.range(0, 40)
                .mapToObj(i -> seal(Wired.JDK.aead(Secret.wrap(filled(32, i))), ASSOCIATED, filled(300, i),
                NONCE))
                .toArray(byte[][]::new);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = IntStream.range(0, 40).<Future<?>>mapToObj(i -> threads.submit(() -> {
                byte[] nonce = new byte[Crypto.IV];
                for (int round = 0; round < 500; round++) {
                    nonce[0] = (byte) round;
                    byte[] frame = seal(aeads[i], ASSOCIATED, filled(300, i), nonce);
                    assertArrayEquals(filled(300, i), open(aeads[i], ASSOCIATED.length, frame, nonce));
                    assertArrayEquals(filled(300, i), open(aeads[i], ASSOCIATED.length, expected[i], NONCE));
                }
                aeads[i].erase();
            })).toList();
            for (Future<?> each : running) {
                each.get();
            }
        }
    }

    /** RFC 7748 §5.2. */
    @Test
    void agreesAsRfc7748() throws Malformed {
        assertArrayEquals(hex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"),
                crypto.x25519(hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
                        hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")));
        assertArrayEquals(hex("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"),
                crypto.x25519(hex("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
                        hex("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")));
        byte[] k = hex("0900000000000000000000000000000000000000000000000000000000000000");
        byte[] u = k;
        for (int i = 1; i <= 1000; i++) {
            byte[] next = crypto.x25519(k, u);
            u = k;
            k = next;
            if (i == 1) {
                assertArrayEquals(hex("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"), k);
            }
        }
        assertArrayEquals(hex("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"), k);
    }

    /** RFC 7748 §6.1. */
    @Test
    void exchangesKeysAsRfc7748() throws Malformed {
        byte[] alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        byte[] bob = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
        byte[] shared = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
        assertArrayEquals(hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"),
                Crypto.x25519PublicKey(alice));
        assertArrayEquals(hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"),
                Crypto.x25519PublicKey(bob));
        assertArrayEquals(shared, crypto.x25519(alice, Crypto.x25519PublicKey(bob)));
        assertArrayEquals(shared, crypto.x25519(bob, Crypto.x25519PublicKey(alice)));
    }

    @Test
    void refusesForgedX25519Keys() throws Malformed {
        byte[] own = filled(32, 7);
        assertThrows(Malformed.class, () -> crypto.x25519(own, new byte[32]));
        assertThrows(Malformed.class, () -> crypto.x25519(own, hex("01" + "00".repeat(31))));
        assertThrows(Malformed.class, () -> crypto.x25519(own, new byte[31]));
        assertThrows(Malformed.class, () -> crypto.x25519(own, new byte[33]));
        assertEquals(32, crypto.x25519(own, Crypto.x25519PublicKey(own)).length);
    }

    @Test
    void worksOnWhenItIsClosed() throws Exception {
        CryptoProvider other = CryptoProvider.of(crypto == Wired.JDK ? "jdk" : "libcrypto");
        NonceIsYoursAead aead = other.aead(key());
        byte[] frame = seal(aead, ASSOCIATED, new byte[9], NONCE);
        other.close();
        assertArrayEquals(new byte[9], open(aead, ASSOCIATED.length, frame, NONCE));
        assertArrayEquals(frame, seal(other.aead(key()), ASSOCIATED, new byte[9], NONCE));
    }
}
