package org.myclerk.core.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.operation.ProtocolException;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.Secret;

/** What comes from outside ends in a value or a refusal, whatever it is. */
class DecodersTest {

    private final Random random = new Random(2026);
    private final Secret root = Secret.wrap(Crypto.random(random, 32));
    private final Bytes rootKey = KeyFile.publicKey(root);

    @TempDir
    private Path folder;

    private interface Decoder {
        void decode(Bytes bytes) throws ProtocolException, IOException;
    }

    private Certificate.Body body(List<String> roles, Optional<String> name) {
        return new Certificate.Body(0, Home.familyOf(rootKey), 7, Bytes.wrap(new byte[16]), rootKey, roles, 1,
                2, name);
    }

    private Bytes certificate() {
        return Certificate.issue(root, body(List.of("admin", "hub"), Optional.of("kitchen"))).encoded();
    }

    private Bytes revocations() {
        return RevocationList.issue(root, new RevocationList.Body(0, Home.familyOf(rootKey), 1, 2, 3,
                List.of(1L, 500L, 1L << 40))).encoded();
    }

    /** Changes a few bytes, cuts or repeats a part. */
    private byte[] mutated(byte[] good) {
        byte[] changed = good.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
        }
        return random.nextInt(4) == 0 ? Arrays.copyOf(changed, random.nextInt(changed.length + 8)) : changed;
    }

    private void survives(byte[] good, int rounds, Decoder decoder) throws IOException {
        int refused = 0;
        for (int i = 0; i < rounds; i++) {
            try {
                decoder.decode(Bytes.wrap(mutated(good)));
            } catch (ProtocolException expected) {
                refused++;
            }
        }
        assertTrue(refused > rounds / 10, () -> "hardly anything was refused");
    }

    @Test
    void survivesAnyKeyOrCertificateFile() throws IOException {
        Home home = Home.openOrFound(folder, new Home.Founding("pi", "ada", TestNode.NOW, random));
        for (String name : List.of(Home.NODE_KEY, Home.NODE_CERT)) {
            byte[] good = OwnerOnlyFiles.read(folder.resolve(name));
            for (int i = 0; i < 150; i++) {
                byte[] changed = mutated(good);
                OwnerOnlyFiles.write(folder.resolve(name), changed);
                if (!Arrays.equals(changed, good)) {
                    try {
                        assertEquals(home.membership().root(), Home.open(folder).membership().root());
                    } catch (IOException refused) {
                        assertFalse(refused.getMessage().contains("\n"));
                    }
                }
            }
            OwnerOnlyFiles.write(folder.resolve(name), good);
        }
        assertEquals(home.membership(), Home.open(folder).membership());
    }

    @Test
    void ignoresKeysOfNewerVersionsButNoNewerVersion() throws Malformed {
        Map<String, Object> fields = Fields.of(Map.of("x", 1)).toMap();
        Bytes body = signed(0, fields);
        assertTrue(Certificate.parse(body).signedBy(rootKey));
        Bytes newer = signed(1, fields);
        assertThrows(Malformed.class, () -> Certificate.parse(newer));
    }

    private Bytes signed(int version, Map<String, Object> more) {
        Map<String, Object> fields = new LinkedHashMap<>(more);
        fields.putAll(Map.of("v", version, "family", Home.familyOf(rootKey), "serial", 1, "device",
                Bytes.wrap(new byte[16]), "key", rootKey, "roles", List.of(), "nbf", 1, "exp", 2));
        return SignedBody.sign(root, "certificate", Fields.of(fields).encoded()).encoded();
    }

    @Test
    void refusesASignatureUnderAnotherLabelOrRoot() throws Malformed {
        Bytes body = SignedBody.parse(certificate(), "certificate").body();
        assertFalse(Certificate.parse(SignedBody.sign(root, "revocations", body).encoded())
                .signedBy(rootKey));
        Secret other = Secret.wrap(Crypto.random(random, 32));
        assertFalse(Certificate.parse(SignedBody.sign(other, "certificate", body).encoded())
                .signedBy(rootKey));
        assertFalse(Certificate.parse(SignedBody.sign(other, "certificate", body).encoded())
                .signedBy(KeyFile.publicKey(other)));
    }

    @Test
    void printsNamesWithoutControlCharacters() {
        assertEquals("a?b", Certificate.issue(root, body(List.of(), Optional.of("a\nb"))).name());
        assertEquals("00".repeat(16), Certificate.issue(root, body(List.of(), Optional.of(" "))).name());
        assertEquals("00".repeat(16), Certificate.issue(root, body(List.of(), Optional.empty())).name());
    }
}
