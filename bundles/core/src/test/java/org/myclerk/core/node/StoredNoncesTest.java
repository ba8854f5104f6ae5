package org.myclerk.core.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.store.Store;

/** A ticket that was used stays used, also after a restart. */
@Timeout(60)
class StoredNoncesTest {

    private static final Bytes ONE = Bytes.ofHex("0000000000000001");
    private static final Bytes TWO = Bytes.ofHex("0000000000000002");

    private final CountDownLatch written = new CountDownLatch(2);
    private final MemoryStore kept = new MemoryStore();
    private final Store store = new Store() {
        @Override
        public Optional<Bytes> get(String bucket, String key) {
            return kept.get(bucket, key);
        }

        @Override
        public List<Entry> scan(String bucket, String prefix, String after, int limit) {
            return kept.scan(bucket, prefix, after, limit);
        }

        @Override
        public void write(List<Change> changes) {
            kept.write(changes);
            written.countDown();
        }

        @Override
        public boolean putIfAbsent(String bucket, String key, Bytes value) {
            return kept.putIfAbsent(bucket, key, value);
        }

        @Override
        public void backup(Path file) {
            kept.backup(file);
        }
    };

    @Test
    void remembersWhatWasUsedUntilItExpires() throws Exception {
        StoredNonces book = new StoredNonces(store, 1000);
        assertTrue(book.use(ONE, 2000, 1000));
        assertFalse(book.use(ONE, 2000, 1000));
        assertTrue(book.use(TWO, 3000, 1000));
        written.await();

        StoredNonces later = new StoredNonces(store, 2500);
        assertFalse(later.use(TWO, 3000, 2500));
        assertEquals(1, kept.all(StoredNonces.BUCKET).size(), "what has expired is taken out");
    }
}
