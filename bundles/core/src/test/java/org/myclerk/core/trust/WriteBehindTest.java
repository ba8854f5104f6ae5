package org.myclerk.core.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.store.StoreException;

@Timeout(30)
class WriteBehindTest {

    private static final Bytes ONE = Bytes.wrap((byte) 1);
    private static final Bytes TWO = Bytes.wrap((byte) 2);

    private final MemoryStore store = new MemoryStore();
    private final WriteBehind writer = new WriteBehind(store);

    @Test
    void returnsWhileTheStoreIsBusyAndMergesWhatWaits() {
        store.gate = new CountDownLatch(1);
        writer.put("b", "first", ONE);
        for (int i = 0; i < 1000; i++) {
            writer.put("b", "same", ONE);
        }
        writer.put("b", "same", TWO);
        writer.remove("b", "first");
        assertEquals(Optional.empty(), store.get("b", "same"));
        store.gate.countDown();
        writer.flush();
        assertEquals(Optional.of(TWO), store.get("b", "same"));
        assertEquals(Optional.empty(), store.get("b", "first"));
        assertTrue(store.writes <= 2, () -> store.writes + " writes");
    }

    @Test
    void hasNothingToWaitForWhenNothingWasAsked() {
        writer.flush();
        assertEquals(0, store.writes);
    }

    @Test
    void tellsOfAFailureAndTriesAgainWithTheNextChange() {
        try (RecordedLog log = new RecordedLog()) {
            store.full = true;
            writer.put("b", "one", ONE);
            assertThrows(StoreException.class, writer::flush);
            assertTrue(log.lines("the disk is full").size() >= 1);
            writer.put("b", "one", TWO);
            assertThrows(StoreException.class, writer::flush);
            store.full = false;
            writer.put("b", "two", TWO);
            writer.flush();
        }
        assertEquals(Optional.of(TWO), store.get("b", "one"));
        assertEquals(Optional.of(TWO), store.get("b", "two"));
    }

    @Test
    void blamesNoWaiterForAnAttemptBeforeItsChange() {
        try (RecordedLog _ = new RecordedLog()) {
            for (int i = 0; i < 2000; i++) {
                store.full = true;
                writer.put("b", "earlier", ONE);
                store.full = false;
                writer.put("b", "own" + i, TWO);
                writer.flush();
                assertEquals(Optional.of(TWO), store.get("b", "own" + i));
            }
        }
    }

    @Test
    void triesAgainWhenAskedAgain() {
        store.full = true;
        writer.put("b", "one", ONE);
        assertThrows(StoreException.class, writer::flush);
        assertThrows(StoreException.class, writer::flush);
        store.full = false;
        writer.flush();
        assertEquals(Optional.of(ONE), store.get("b", "one"));
    }

    @Test
    void keepsAnInterruptionForLater() throws InterruptedException {
        store.gate = new CountDownLatch(1);
        writer.put("b", "one", ONE);
        CountDownLatch started = new CountDownLatch(1);
        boolean[] interrupted = new boolean[1];
        Thread waiting = Thread.ofVirtual().start(() -> {
            Thread.currentThread().interrupt();
            started.countDown();
            writer.flush();
            interrupted[0] = Thread.currentThread().isInterrupted();
        });
        started.await();
        store.gate.countDown();
        waiting.join();
        assertTrue(interrupted[0]);
        assertEquals(Optional.of(ONE), store.get("b", "one"));
    }
}
