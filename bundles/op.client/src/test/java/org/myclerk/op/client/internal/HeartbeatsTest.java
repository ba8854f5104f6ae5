package org.myclerk.op.client.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.store.Store;
import org.myclerk.api.store.StoreException;
import org.myclerk.op.client.NodeClass;
import org.myclerk.store.SqliteStore;

class HeartbeatsTest {

    private static final long START = Instant.parse("2026-05-01T23:59:30Z").getEpochSecond();
    private static final Bytes ADA = Bytes.ofHex("ada0".repeat(8));
    private static final Bytes BOB = Bytes.ofHex("b0b0".repeat(8));

    @TempDir
    Path folder;

    private final ManualClock clock = new ManualClock(START);
    private SqliteStore store;

    @BeforeEach
    void open() {
        store = new SqliteStore(folder.resolve("node.db"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void comesBackAfterARestart() {
        Heartbeats before = new Heartbeats(store, clock);
        before.heard(ADA);
        clock.move(Duration.ofSeconds(30));
        before.heard(ADA);
        before.heard(BOB);
        before.write();
        store.close();
        open();
        Heartbeats after = new Heartbeats(store, clock);
        assertEquals(new Heartbeats.Record(NodeClass.BONUS, 2, START, START + 30), after.of(ADA));
        assertEquals(new Heartbeats.Record(NodeClass.BONUS, 1, START + 30, START + 30), after.of(BOB));
        assertEquals(List.of(ADA.toHex() + ".20574", ADA.toHex() + ".20575", BOB.toHex() + ".20575"),
                store.all(Heartbeats.BUCKET).stream().map(Store.Entry::key).toList());
    }

    @Test
    void hasNothingOfAClientNeverHeard() {
        assertEquals(new Heartbeats.Record(NodeClass.BONUS, 0, 0, 0), new Heartbeats(store, clock).of(ADA));
    }

    @Test
    void keepsItsRowsBounded() {
        Heartbeats heartbeats = new Heartbeats(store, clock);
        for (int day = 0; day < Uptime.MOST_DAYS + 40; day++) {
            heartbeats.heard(ADA);
            if (day % 7 == 0) {
                heartbeats.write();
            }
            clock.move(Duration.ofDays(1));
        }
        heartbeats.write();
        assertEquals(Uptime.MOST_DAYS, store.all(Heartbeats.BUCKET).size());
    }

    @Test
    void keepsWhatCouldNotBeWrittenForTheNextTime() {
        FullDisk full = new FullDisk(store);
        Heartbeats heartbeats = new Heartbeats(full, clock);
        heartbeats.heard(ADA);
        full.fails = true;
        heartbeats.write();
        assertEquals(List.of(), store.all(Heartbeats.BUCKET));
        full.fails = false;
        heartbeats.write();
        assertEquals(1, store.all(Heartbeats.BUCKET).size());
    }

    /** A store on a disk that is full now and then. */
    private static final class FullDisk implements Store {

        private final Store store;
        private boolean fails;

        FullDisk(Store store) {
            this.store = store;
        }

        @Override
        public Optional<Bytes> get(String bucket, String key) {
            return store.get(bucket, key);
        }

        @Override
        public List<Entry> scan(String bucket, String prefix, String after, int limit) {
            return store.scan(bucket, prefix, after, limit);
        }

        @Override
        public void write(List<Change> changes) {
            if (fails) {
                throw new StoreException("the disk is full", null);
            }
            store.write(changes);
        }

        @Override
        public boolean putIfAbsent(String bucket, String key, Bytes value) {
            return store.putIfAbsent(bucket, key, value);
        }

        @Override
        public void backup(Path file) {
            store.backup(file);
        }
    }
}
