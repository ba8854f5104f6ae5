package org.myclerk.itests.rights;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.transport.Endpoint;

/**
 * Whatever a node has acknowledged is there after {@code kill -9}: a whole node of the distribution is killed
 * again and again, while it starts, writes, and is called over sessions by four members of its family ({@link
 * MixedLoad}); after every start it is asked for all of it ({@link Ledger}).
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KillTest {

    private static final int LANES = 2;
    private static final int KILLS = Integer.getInteger("myclerk.kills", 200);
    private static final long SEED = Long.getLong("myclerk.seed", System.nanoTime());
    private static final long DEADLINE_SECONDS = 600;

    @TempDir
    Path folder;

    /** When a node is killed. */
    private enum Moment {
        /** At any time of its start. */
        START,
        /**
         * As it touches its state for the first times: moves what the node before left in its log into the
         * main file.
         */
        RECOVERY,
        /** The same, with a state as the version before wrote it. */
        MIGRATION,
        /** After some answers. */
        ANSWER,
        /** As it writes a block to its log under load. */
        WRITE,
        /** As it moves its log into the main file under load. */
        CHECKPOINT
    }

    /** One node after the other on one home. */
    private static final class Lane implements AutoCloseable {

        private final Path home;
        private final Path cache;
        private final Path log;
        private final Random random;
        private final Ledger ledger = new Ledger();
        private final MixedLoad load;
        private final Map<Moment, Integer> kills = new EnumMap<>(Moment.class);
        private final AtomicBoolean failed;
        private long startMillis;

        /** @param failed whether another lane has */
        Lane(Path folder, Path cache, long seed, AtomicBoolean failed) throws IOException {
            this.home = Files.createDirectories(folder).resolve("kitchen");
            this.cache = cache;
            this.log = folder.resolve("kitchen.log");
            this.random = new Random(seed);
            this.failed = failed;
            this.load = new MixedLoad(folder, ledger);
        }

        private Path database() {
            return home.resolve("store").resolve("node.db");
        }

        /** Runs, and tells the other lanes if it fails. */
        Void call(int count) throws Exception {
            try {
                run(count);
                return null;
            } catch (Exception | Error mine) {
                failed.set(true);
                throw mine;
            }
        }

        private void run(int count) throws Exception {
            KilledNode first = new KilledNode(home, cache, log);
            try {
                load.join(home, first.ready());
            } finally {
                first.kill();
            }
            first.awaitKilled();
            for (int round = 1; round <= count && !failed.get(); round++) {
                kill(moment());
                if (round % 50 == 0) {
                    System.out.println(this);
                }
            }
            // The last one is only looked at.
            KilledNode last = new KilledNode(home, cache, log);
            try {
                load.connect(last.ready());
                load.look();
            } finally {
                last.kill();
            }
            last.awaitKilled();
        }

        private Moment moment() {
            int chance = random.nextInt(20);
            return chance < 2 ? Moment.START : chance < 4 ? Moment.RECOVERY : chance < 6 ? Moment.MIGRATION
                    : chance < 13 ? Moment.ANSWER : chance < 19 ? Moment.WRITE : Moment.CHECKPOINT;
        }

        private void kill(Moment moment) throws Exception {
            if (moment == Moment.MIGRATION) {
                turnBack();
            }
            Semaphore answered = new Semaphore(0);
            CountDownLatch loaded = new CountDownLatch(1);
            try (WatchService written = home.getFileSystem().newWatchService();
                    ExecutorService beside = Executors.newVirtualThreadPerTaskExecutor()) {
                database().getParent().register(written, StandardWatchEventKinds.ENTRY_CREATE,
                        StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_DELETE);
                long begin = System.nanoTime();
                KilledNode node = new KilledNode(home, cache, log);
                Random chances = new Random(random.nextLong());
                Random changes = new Random(random.nextLong());
                Future<?> killer = beside.submit(() -> {
                    try {
                        await(moment, chances, written, answered, loaded);
                    } finally {
                        node.kill();
                    }
                    return null;
                });
                try {
                    Endpoint endpoint = node.ready();
                    startMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
                    load.connect(endpoint);
                    load.look();
                    loaded.countDown();
                    load.run(changes, answered);
                } catch (IOException | Refused lost) {
                    if (!node.killed()) {
                        throw new AssertionError("the node does not answer: " + Files.readString(log), lost);
                    }
                } finally {
                    if (!node.killed()) {
                        killer.cancel(true);
                        node.kill();
                    }
                }
                node.awaitKilled();
                killer.get();
            }
            kills.merge(moment, 1, Integer::sum);
        }

        /** Waits for the moment to kill. */
        private void await(Moment moment, Random chances, WatchService written, Semaphore answered,
                CountDownLatch loaded) throws InterruptedException {
            switch (moment) {
                case START -> {
                    // No event says that it has come so far.
                    loaded.await(chances.nextLong(Math.max(1, startMillis)), TimeUnit.MILLISECONDS);
                }
                case RECOVERY, MIGRATION -> writes(written, List.of("", "-wal", "-shm"),
                        1 + chances.nextInt(8));
                case ANSWER -> acquire(answered, 1 + chances.nextInt(80));
                case WRITE -> {
                    acquire(answered, 1);
                    writes(written, List.of("-wal"), 1 + chances.nextInt(40));
                }
                case CHECKPOINT -> {
                    acquire(answered, 1);
                    writes(written, List.of(""), 1 + chances.nextInt(2));
                }
            }
        }

        private static void acquire(Semaphore answered, int count) throws InterruptedException {
            if (!answered.tryAcquire(count, DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("%d changes are not answered in %d s".formatted(count,
                        DEADLINE_SECONDS));
            }
        }

        /** Waits until the database's files with those endings have been touched so often. */
        private void writes(WatchService written, List<String> endings, int count)
                throws InterruptedException {
            List<String> names = endings.stream().map(ending -> database().getFileName() + ending).toList();
            for (WatchKey one = written.poll(); one != null; one = written.poll()) {
                // What was before is no longer of interest.
                one.pollEvents();
                one.reset();
            }
            int seen = 0;
            while (seen < count) {
                WatchKey key = written.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
                if (key == null) {
                    throw new AssertionError("%s: written %d times only in %d s".formatted(names, seen,
                            DEADLINE_SECONDS));
                }
                for (WatchEvent<?> event : key.pollEvents()) {
                    seen += event.context() != null && names.contains(event.context().toString())
                            ? event.count() : 0;
                }
                key.reset();
            }
        }

        /** Makes the file what the version before the last one wrote, if it is not still that. */
        private void turnBack() throws SQLException {
            try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database());
                    Statement statement = connection.createStatement()) {
                if (!statement.executeQuery("SELECT 1 FROM pragma_table_info('entry') WHERE name = 'sum'")
                        .next()) {
                    return;
                }
                statement.executeUpdate("BEGIN IMMEDIATE");
                statement.executeUpdate("ALTER TABLE entry DROP COLUMN sum");
                statement.executeUpdate("PRAGMA user_version = 1000");
                statement.executeUpdate("COMMIT");
            }
        }

        @Override
        public void close() {
            load.close();
        }

        @Override
        public String toString() {
            return "killed %s; acknowledged in between %s".formatted(kills, ledger.changes());
        }
    }

    @Test
    void keepsWhatWasAcknowledged() throws Exception {
        Path cache = folder.resolve("node.aot");
        KilledNode.makeCache(folder.resolve("trained"), cache, folder.resolve("trained.log"));
        List<Lane> lanes = new ArrayList<>();
        AtomicBoolean failed = new AtomicBoolean();
        try (ExecutorService pool = Executors.newFixedThreadPool(LANES)) {
            List<Future<?>> runs = new ArrayList<>();
            for (int i = 0; i < LANES; i++) {
                Lane lane = new Lane(folder.resolve("lane" + i), cache, SEED + i, failed);
                lanes.add(lane);
                runs.add(pool.submit(() -> lane.call((KILLS + LANES - 1) / LANES)));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        } catch (Exception | Error wrong) {
            throw new AssertionError("with -Dmyclerk.seed=" + SEED, wrong);
        } finally {
            lanes.forEach(Lane::close);
        }
        for (Lane lane : lanes) {
            System.out.println(lane);
            for (String kind : List.of("rights", "name", "lock", "routes", "lent", "request")) {
                assertTrue(lane.ledger.changes().getOrDefault(kind, 0) > 0, kind + " was never acknowledged");
            }
        }
    }
}
