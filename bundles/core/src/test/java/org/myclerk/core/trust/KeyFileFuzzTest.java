package org.myclerk.core.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.crypto.Secret;

/** Any bytes in the place of a key file. */
class KeyFileFuzzTest {

    static Stream<byte[]> seeds() {
        Bytes key = KeyFile.publicKey(Secret.wrap(new byte[32]));
        return Stream.of(KeyFile.plain(Secret.wrap(new byte[32])), new KeyFile(0, key, Optional.empty(),
                Optional.of(new KeyFile.Sealed("pbkdf2-hmac-sha256", 1000, Bytes.wrap(new byte[16]),
                        Bytes.wrap(new byte[12]), Bytes.wrap(new byte[48])))))
                .map(file -> file.encoded().toArray());
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsAKeyOrRefusesIt(byte[] input) throws Malformed, Refused {
        KeyFile file;
        try {
            file = KeyFile.parse(Bytes.wrap(input));
        } catch (Malformed refused) {
            assertNotNull(refused.getMessage());
            return;
        }
        assertEquals(file, KeyFile.parse(file.encoded()));
        if (file.locked()) {
            assertTrue(file.sealed().orElseThrow().iterations() > 0);
        } else {
            assertEquals(file.key(), KeyFile.publicKey(file.open(Optional.empty())));
        }
    }
}
