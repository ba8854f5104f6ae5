package org.myclerk.core.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What libcrypto keeps outside the heap. */
class LibcryptoTest {

    private static final byte[] ASSOCIATED = new byte[12];
    private static final byte[] NONCE = new byte[Crypto.IV];

    private Libcrypto crypto;

    @BeforeEach
    void load() throws IOException {
        Wired.named("libcrypto");
        crypto = Libcrypto.load();
    }

    @AfterEach
    void close() {
        if (crypto != null) {
            crypto.close();
        }
    }

    private NonceIsYoursAead aead() {
        return crypto.aead(Secret.wrap(new byte[Crypto.KEY]));
    }

    private static byte[] seal(NonceIsYoursAead aead) {
        return CryptoProviderTest.seal(aead, ASSOCIATED, new byte[50], NONCE);
    }

    @Test
    void keepsNoKeyThatWasErased() {
        NonceIsYoursAead first = aead();
        seal(first);
        assertEquals(1, crypto.keyed());
        first.erase();
        assertEquals(0, crypto.keyed());
        NonceIsYoursAead one = aead();
        NonceIsYoursAead other = aead();
        assertNotNull(CryptoProviderTest.open(one, ASSOCIATED.length, seal(one), NONCE));
        assertEquals(2, crypto.keyed());
        seal(other);
        one.erase();
        assertEquals(1, crypto.keyed(),
                "what sealed for the other one last stays, what opened for this one goes");
        other.erase();
        assertEquals(0, crypto.keyed());
    }

    @Test
    void keepsFewForManyThreadsAndNothingWhenItIsClosed() {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 200; i++) {
                threads.submit(() -> seal(aead()));
            }
        }
        assertTrue(crypto.keyed() >= 1 && crypto.keyed() <= 16, crypto.keyed() + " contexts");
        crypto.close();
        assertEquals(0, crypto.keyed());
        seal(aead());
        assertEquals(0, crypto.keyed());
    }

    /** A kilobyte of each would be a hundred megabytes. */
    @Test
    void doesNotGrowWithSessions() throws IOException {
        sessions(20_000);
        long before = resident();
        sessions(100_000);
        long grown = resident() - before;
        assertTrue(grown < 50 << 20, grown + " bytes more");
    }

    private void sessions(int count) {
        for (int i = 0; i < count; i++) {
            NonceIsYoursAead sealing = aead();
            NonceIsYoursAead opening = aead();
            assertNotNull(CryptoProviderTest.open(opening, ASSOCIATED.length, seal(sealing), NONCE));
            sealing.erase();
            opening.erase();
        }
    }

    private static long resident() throws IOException {
        System.gc();
        return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]) * 4096;
    }
}
