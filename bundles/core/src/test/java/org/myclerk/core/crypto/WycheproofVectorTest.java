package org.myclerk.core.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.myclerk.core.Vectors.hex;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;

import jakarta.json.JsonObject;
import jakarta.json.JsonValue;

import org.junit.jupiter.api.Test;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.Vectors;

/**
 * Project Wycheproof's cases against the providers that are wired; from the folder {@code myclerk.wycheproof}
 * names.
 */
class WycheproofVectorTest {

    /** One case of a file, in its group. */
    private interface Check {

        void run(JsonObject group, JsonObject test, String name) throws GeneralSecurityException, Malformed;
    }

    private static void each(String file, int least, Check check) throws GeneralSecurityException, Malformed {
        String folder = System.getProperty("myclerk.wycheproof", "");
        assumeFalse(folder.isBlank(), "-Dmyclerk.wycheproof names no folder");
        int run = 0;
        for (JsonValue value : Vectors.read(Path.of(folder, file)).json().getJsonArray("testGroups")) {
            JsonObject group = value.asJsonObject();
            for (JsonValue test : group.getJsonArray("tests")) {
                check.run(group, test.asJsonObject(), file + " " + test.asJsonObject().getInt("tcId"));
                run++;
            }
        }
        assertTrue(run >= least, file + " has only " + run + " cases");
    }

    private static boolean valid(JsonObject test) {
        return test.getString("result").equals("valid");
    }

    private static byte[] joined(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    /** The case in the frame of a provider, and whether it opens there; all must answer alike. */
    @Test
    void passesChaCha20Poly1305() throws Exception {
        each("chacha20_poly1305_test.json", 300, (_, test, name) -> {
            byte[] box = joined(hex(test, "ct"), hex(test, "tag"));
            byte[] frame = joined(hex(test, "aad"), box);
            int associated = frame.length - box.length;
            for (CryptoProvider crypto : Wired.all()) {
                NonceIsYoursAead aead = hex(test, "key").length == Crypto.KEY
                        && hex(test, "iv").length == Crypto.IV
                        ? crypto.aead(Secret.wrap(hex(test, "key"))) : null;
                if (aead == null) {
                    assertFalse(valid(test), name);
                    continue;
                }
                byte[] text = new byte[box.length - Crypto.TAG];
                assertEquals(valid(test), aead.open(frame, 0, associated, associated, box.length,
                        hex(test, "iv"), text),
                        name + " of " + crypto.name());
                if (valid(test)) {
                    assertArrayEquals(hex(test, "msg"), text, name);
                    byte[] sealed = joined(joined(hex(test, "aad"), text), new byte[Crypto.TAG]);
                    crypto.aead(Secret.wrap(hex(test, "key")))
                            .seal(sealed, 0, associated, associated, text.length, hex(test, "iv"));
                    assertArrayEquals(frame, sealed, name + " of " + crypto.name());
                }
            }
        });
    }

    @Test
    void passesAesGcm() throws Exception {
        each("aes_gcm_test.json", 300, (group, test, name) -> {
            boolean ours = group.getInt("keySize") == 256 && group.getInt("ivSize") == 96;
            byte[] key = hex(test, "key");
            byte[] iv = hex(test, "iv");
            byte[] box = joined(hex(test, "ct"), hex(test, "tag"));
            if (valid(test) && group.getInt("ivSize") == 96) {
                assertArrayEquals(box, Crypto.aesGcmSeal(key, iv, hex(test, "aad"), hex(test, "msg")), name);
                assertArrayEquals(hex(test, "msg"), Crypto.aesGcmOpen(key, iv, hex(test, "aad"), box), name);
            } else {
                assertFalse(ours && valid(test), name);
                assertThrows(Malformed.class, () -> Crypto.aesGcmOpen(key, iv, hex(test, "aad"), box), name);
            }
        });
    }

    @Test
    void passesX25519AndRefusesWhatGivesZero() throws Exception {
        int[] refused = {0};
        each("x25519_test.json", 500, (_, test, name) -> {
            byte[] shared = hex(test, "shared");
            for (CryptoProvider crypto : Wired.all()) {
                if (Arrays.equals(shared, new byte[32])) {
                    assertThrows(Malformed.class, () -> crypto.x25519(hex(test, "private"),
                            hex(test, "public")), name);
                    refused[0]++;
                } else {
                    assertArrayEquals(shared, crypto.x25519(hex(test, "private"), hex(test, "public")), name);
                }
            }
        });
        assertEquals(31 * Wired.all().size(), refused[0]);
    }

    @Test
    void passesHmac() throws Exception {
        each("hmac_sha256_test.json", 150, (group, test, name) -> {
            byte[] code = Arrays.copyOf(Crypto.hmac(hex(test, "key"), hex(test, "msg")),
                    group.getInt("tagSize") / 8);
            assertEquals(valid(test), Crypto.equal(code, hex(test, "tag")), name);
            if (hex(test, "key").length <= 64) {
                for (CryptoProvider crypto : Wired.all()) {
                    byte[] message = hex(test, "msg");
                    crypto.hmac(Secret.wrap(hex(test, "key")))
                            .of(message, 0, message.length, code, 0, code.length);
                    assertEquals(valid(test), Crypto.equal(code, hex(test, "tag")), name);
                }
            }
        });
    }

    @Test
    void passesHkdf() throws Exception {
        each("hkdf_sha256_test.json", 80, (group, test, name) -> {
            byte[] prk = Crypto.extract(hex(test, "salt"), hex(test, "ikm"));
            int size = test.getInt("size");
            if (valid(test)) {
                assertArrayEquals(hex(test, "okm"), Crypto.expand(prk, hex(test, "info"), size), name);
            } else {
                assertThrows(IllegalArgumentException.class,
                        () -> Crypto.expand(prk, hex(test, "info"), size), name);
            }
        });
    }

    @Test
    void passesEd25519() throws Exception {
        each("ed25519_test.json", 140, (group, test, name) -> assertEquals(valid(test),
                new VerifyingKey(Bytes.wrap(hex(group.getJsonObject("publicKey"), "pk")))
                        .verifies(hex(test, "msg"), hex(test, "sig")), name));
    }
}
