package org.myclerk.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.store.Store;
import org.myclerk.api.store.Store.Change;
import org.myclerk.api.store.Store.Entry;
import org.myclerk.api.store.StoreException;

final class SqliteStoreTest {

    private static final int ROUNDS = 4;
    private static final int ACKNOWLEDGED = 300;

    @TempDir
    Path folder;

    private static Bytes bytes(String text) {
        return Bytes.wrap(text.getBytes());
    }

    private Path file() {
        return folder.resolve("store").resolve("node.db");
    }

    @Test
    void givesBackWhatWasPut() {
        try (SqliteStore store = new SqliteStore(file())) {
            store.put("a", "key", bytes("one"));
            store.put("a", "key", bytes("two"));
            store.put("b", "key", Bytes.EMPTY);
            assertEquals(Optional.of(bytes("two")), store.get("a", "key"));
            assertEquals(Optional.of(Bytes.EMPTY), store.get("b", "key"));
            assertEquals(Optional.empty(), store.get("a", "other"));
            store.remove("a", "key");
            store.remove("a", "never there");
            assertEquals(Optional.empty(), store.get("a", "key"));
        }
        try (SqliteStore store = new SqliteStore(file())) {
            assertEquals(Optional.of(Bytes.EMPTY), store.get("b", "key"));
        }
    }

    @Test
    void scansInOrderFromAKeyWithinAPrefix() {
        try (SqliteStore store = new SqliteStore(file())) {
            store.write(Stream.of("b/3", "a", "b/1", "b/2", "c", "b", "b0")
                    .<Change>map(key -> new Change.Put("bucket", key, bytes(key))).toList());
            store.put("other", "b/9", bytes("no"));
            assertEquals(List.of("b/1", "b/2", "b/3"), keys(store.scan("bucket", "b/", "", 10)));
            assertEquals(List.of("b/2"), keys(store.scan("bucket", "b/", "b/1", 1)));
            assertEquals(List.of(), keys(store.scan("bucket", "b/", "b/3", 10)));
            assertEquals(List.of("a", "b", "b/1", "b/2", "b/3", "b0", "c"), keys(store.all("bucket")));
            assertEquals(bytes("a"), store.all("bucket").getFirst().value());
        }
    }

    private static List<String> keys(List<Entry> entries) {
        return entries.stream().map(Entry::key).toList();
    }

    @Test
    void writesAllOfAGroupOrNothing() {
        try (SqliteStore store = new SqliteStore(file())) {
            List<Change> changes = new ArrayList<>();
            changes.add(new Change.Put("a", "good", bytes("x")));
            changes.add(new Change.Put("a", null, bytes("x")));
            assertThrows(StoreException.class, () -> store.write(changes));
            assertEquals(List.of(), store.all("a"));
            store.put("a", "good", bytes("later"));
            assertEquals(1, store.all("a").size());
        }
    }

    @Test
    void letsExactlyOneOfManyPutAnAbsentKey() throws Exception {
        try (SqliteStore store = new SqliteStore(file());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Boolean>> racers = IntStream.range(0, 100).<Callable<Boolean>>mapToObj(
                    i -> () -> store.putIfAbsent("nonce", "one", bytes("racer " + i))).toList();
            int winners = 0;
            for (Future<Boolean> racer : threads.invokeAll(racers)) {
                winners += racer.get() ? 1 : 0;
            }
            assertEquals(1, winners);
            assertFalse(store.putIfAbsent("nonce", "one", bytes("late")));
            assertTrue(store.putIfAbsent("nonce", "two", bytes("first")));
        }
    }

    @Test
    void keepsTheGoodWritersOfAGroupWithABadOne() throws Exception {
        try (SqliteStore store = new SqliteStore(file());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String key = i % 10 == 0 ? null : "k" + i;
                writers.add(threads.submit(() -> store.put("a", key, Bytes.EMPTY)));
            }
            int failed = 0;
            for (Future<?> writer : writers) {
                try {
                    writer.get();
                } catch (java.util.concurrent.ExecutionException e) {
                    failed++;
                }
            }
            assertEquals(20, failed);
            assertEquals(180, store.all("a").size());
        }
    }

    @Test
    void refusesToWriteAfterItsEnd() {
        SqliteStore store = new SqliteStore(file());
        store.close();
        store.close();
        assertThrows(StoreException.class, () -> store.put("a", "b", Bytes.EMPTY));
    }

    @Test
    void keepsItsFileToItsOwner() throws IOException {
        try (SqliteStore store = new SqliteStore(file())) {
            store.put("a", "b", Bytes.EMPTY);
            try (Stream<Path> files = Files.list(file().getParent())) {
                for (Path one : files.toList()) {
                    assertEquals("rw-------",
                            PosixFilePermissions.toString(Files.getPosixFilePermissions(one)),
                            one.toString());
                }
            }
        }
    }

    @Test
    void writesABackupWhileItRuns() {
        Path copy = folder.resolve("copy.db");
        try (SqliteStore store = new SqliteStore(file())) {
            store.put("a", "b", bytes("kept"));
            store.backup(copy);
            store.put("a", "b", bytes("changed"));
            StoreException refusal = assertThrows(StoreException.class, () -> store.backup(copy));
            assertTrue(refusal.getMessage().contains("exists"), refusal.getMessage());
        }
        try (SqliteStore restored = new SqliteStore(copy)) {
            assertEquals(Optional.of(bytes("kept")), restored.get("a", "b"));
        }
    }

    @Test
    void isFoundByProgramsWithoutAFramework() throws Exception {
        Store.Provider provider = java.util.ServiceLoader.load(Store.Provider.class).findFirst()
                .orElseThrow();
        Store store = provider.open(file());
        store.put("a", "b", bytes("c"));
        ((AutoCloseable) store).close();
        assertTrue(Files.exists(file()));
    }

    @Test
    void refusesAStateOfANewerVersion() throws SQLException {
        new SqliteStore(file()).close();
        execute("PRAGMA user_version = 2000");
        StoreException refusal = assertThrows(StoreException.class, () -> new SqliteStore(file()));
        assertTrue(refusal.getMessage().contains("schema 2.0, this one knows 1"), refusal.getMessage());
    }

    @Test
    void takesAStateOfANewerMinorVersion() throws SQLException {
        new SqliteStore(file()).close();
        execute("ALTER TABLE entry ADD COLUMN more TEXT");
        execute("PRAGMA user_version = 1999");
        try (SqliteStore store = new SqliteStore(file())) {
            store.put("a", "b", bytes("c"));
            assertEquals(bytes("c"), store.get("a", "b").orElseThrow());
        }
    }

    /** A file as version 1.0 made it, byte for byte the same statements. */
    private void makeSchema1dot0() throws SQLException, IOException {
        Files.createDirectories(file().getParent());
        execute("""
                CREATE TABLE entry (bucket TEXT NOT NULL, key TEXT NOT NULL,
                    value BLOB NOT NULL, PRIMARY KEY (bucket, key)) WITHOUT ROWID""");
        execute("PRAGMA application_id = " + SqliteStore.APPLICATION);
        execute("PRAGMA user_version = 1000");
        execute("INSERT INTO entry (bucket, key, value) VALUES ('a', 'old', x'01')");
    }

    @Test
    void growsAStateOfAnOlderVersionWhichTheOlderOneStillTakes() throws SQLException, IOException {
        makeSchema1dot0();
        try (SqliteStore store = new SqliteStore(file())) {
            assertEquals(Bytes.ofHex("01"), store.get("a", "old").orElseThrow());
            store.put("a", "new", Bytes.ofHex("02"));
        }
        // What version 1.0 does when it is installed again.
        execute("INSERT OR REPLACE INTO entry (bucket, key, value) VALUES ('a', 'new', x'03')");
        execute("INSERT OR IGNORE INTO entry (bucket, key, value) VALUES ('a', 'newer', x'04')");
        try (SqliteStore store = new SqliteStore(file())) {
            assertEquals("old=01 new=03 newer=04", String.join(" ", List.of("old", "new", "newer").stream()
                    .map(key -> key + "=" + store.get("a", key).orElseThrow().toHex()).toList()));
        }
    }

    /** A store whose file is whole, without a log beside it. */
    private byte[] wholeFile() throws IOException {
        try (SqliteStore store = new SqliteStore(file())) {
            for (int i = 0; i < 300; i++) {
                store.put("bucket", "key %03d".formatted(i),
                        Bytes.wrap("value %d ".formatted(i).repeat(40).getBytes()));
            }
        }
        return Files.readAllBytes(file());
    }

    /**
     * Puts a file in the state's place and expects it to be recognised, kept aside as it is, and not
     * forgotten.
     */
    private void recognises(byte[] damaged, String how) throws IOException {
        try (Stream<Path> files = Files.list(file().getParent())) {
            for (Path one : files.filter(path -> path.getFileName().toString().contains("damaged"))
                    .toList()) {
                Files.delete(one);
            }
        }
        Files.deleteIfExists(Path.of(file() + "-wal"));
        Files.deleteIfExists(Path.of(file() + "-shm"));
        Files.write(file(), damaged);
        assertThrows(StoreException.class, () -> new SqliteStore(file()), how);
        assertFalse(Files.exists(file()), how);
        assertThrows(StoreException.class, () -> new SqliteStore(file()), how + ", at the second start");
        try (Stream<Path> files = Files.list(file().getParent())) {
            Path aside = files.filter(path -> path.getFileName().toString()
                    .matches("node\\.db\\.damaged-.*Z"))
                    .findFirst().orElseThrow();
            assertArrayEquals(damaged, Files.readAllBytes(aside), how);
        }
    }

    @Test
    void recognisesATruncatedFile() throws IOException {
        byte[] whole = wholeFile();
        for (int length : new int[] {0, 1, 16, 99, 100, 1_000, 4_096, 4_097, 8_192, whole.length / 2,
            whole.length - 4_096, whole.length - 1}) {
            recognises(Arrays.copyOf(whole, length), "cut to " + length);
        }
    }

    @Test
    void recognisesAZeroedHeader() throws IOException {
        byte[] whole = wholeFile();
        for (int length : new int[] {1, 16, 100, 512, 4_096}) {
            byte[] damaged = whole.clone();
            Arrays.fill(damaged, 0, length, (byte) 0);
            recognises(damaged, length + " bytes of zero");
        }
    }

    /** Any bit, many of them within values: either it is noticed, or it lies where nothing is. */
    @Test
    void neverReadsAFlippedBit() throws IOException {
        byte[] whole = wholeFile();
        List<Entry> right;
        try (SqliteStore store = new SqliteStore(file())) {
            right = store.all("bucket");
        }
        Random random = new Random(8);
        int noticed = 0;
        for (int round = 0; round < 40; round++) {
            int at = random.nextInt(whole.length);
            byte[] damaged = whole.clone();
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file(), damaged);
            try (SqliteStore store = new SqliteStore(file(), true)) {
                if (store.all("bucket").isEmpty()) {
                    noticed++;
                } else {
                    assertEquals(right, store.all("bucket"), "a bit at " + at);
                }
            } catch (StoreException e) {
                noticed++;
            }
        }
        assertTrue(noticed > 20, "only %d of 40 were noticed".formatted(noticed));
    }

    @Test
    void recognisesAPageOfAnotherTime() throws IOException {
        byte[] whole = wholeFile();
        for (int page = 1; page < whole.length / 4096; page += 7) {
            byte[] damaged = whole.clone();
            byte[] noise = new byte[4096];
            new Random(page).nextBytes(noise);
            System.arraycopy(noise, 0, damaged, page * 4096, 4096);
            recognises(damaged, "page " + page);
        }
    }

    @Test
    void saysThatAStateIsGone() throws IOException {
        wholeFile();
        Files.delete(file());
        assertTrue(assertThrows(StoreException.class, () -> new SqliteStore(file())).getMessage()
                .contains("is gone"));
        new SqliteStore(file(), true).close();
        new SqliteStore(file()).close();
    }

    @Test
    void noticesDamageWhileItRuns() throws SQLException {
        try (SqliteStore store = new SqliteStore(file())) {
            store.put("a", "b", bytes("c"));
            execute("UPDATE entry SET value = x'00'");
            assertTrue(assertThrows(StoreException.class, () -> store.get("a", "b")).getMessage()
                    .contains("is damaged (checksum of \"b\" in a)"));
            assertThrows(StoreException.class, () -> store.all("a"));
        }
    }

    @Test
    void refusesTheDatabaseOfAnotherProgram() throws SQLException, IOException {
        Files.createDirectories(file().getParent());
        execute("CREATE TABLE theirs (x)");
        StoreException refusal = assertThrows(StoreException.class, () -> new SqliteStore(file()));
        assertTrue(refusal.getMessage().contains("not the state of a node"), refusal.getMessage());
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void setsADamagedStateAsideAndDoesNotForgetIt() throws IOException {
        try (SqliteStore store = new SqliteStore(file())) {
            for (int i = 0; i < 200; i++) {
                store.put("a", "key " + i, Bytes.wrap(new byte[1000]));
            }
        }
        long length = Files.size(file());
        try (RandomAccessFile raw = new RandomAccessFile(file().toFile(), "rw")) {
            for (long page = 4096; page < length; page += 4096) {
                raw.seek(page);
                raw.write(new byte[] {77, 77, 77, 77, 77, 77, 77, 77});
            }
        }
        StoreException first = assertThrows(StoreException.class, () -> new SqliteStore(file()));
        assertTrue(first.getMessage().contains("damaged-") && first.getMessage().contains("startEmpty"),
                first.getMessage());
        assertThrows(StoreException.class, () -> new SqliteStore(file()),
                "the second start forgot the first");
        new SqliteStore(file(), true).close();
        try (SqliteStore store = new SqliteStore(file())) {
            assertEquals(List.of(), store.all("a"));
        }
        try (Stream<Path> files = Files.list(file().getParent())) {
            assertTrue(files.anyMatch(one -> one.getFileName().toString()
                    .matches("node\\.db\\.damaged-.*Z")));
        }
    }

    @Test
    void setsAFileAsideThatIsNoDatabase() throws IOException {
        Files.createDirectories(file().getParent());
        Files.writeString(file(), "this was a database once ".repeat(1000));
        assertThrows(StoreException.class, () -> new SqliteStore(file()));
        assertFalse(Files.exists(file()));
    }

    @Test
    void saysWhenItCannotMakeItsFile() throws IOException {
        Files.writeString(folder.resolve("store"), "a file where the folder should be");
        StoreException refusal = assertThrows(StoreException.class, () -> new SqliteStore(file()));
        assertTrue(refusal.getMessage().startsWith("cannot make "), refusal.getMessage());
    }

    @Test
    void acknowledgesNothingOnAFullDisk() throws Exception {
        Path disk = Files.createDirectories(folder.resolve("disk"));
        boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk.toString());
        if (Boolean.getBoolean("myclerk.required")) {
            assertTrue(mounted, "cannot mount a small disk here");
        }
        assumeTrue(mounted, "needs the right to mount a small disk");
        try {
            int acknowledged = 0;
            StoreException full = null;
            try (SqliteStore store = new SqliteStore(disk.resolve("node.db"))) {
                while (full == null) {
                    try {
                        store.put("a", AcknowledgingWriter.key(acknowledged), Bytes.wrap(new byte[5000]));
                        acknowledged++;
                    } catch (StoreException e) {
                        full = e;
                    }
                }
                assertEquals(acknowledged, store.all("a").size());
            }
            assertTrue(full.getMessage().contains("is full; nothing was written"), full.getMessage());
            try (SqliteStore store = new SqliteStore(disk.resolve("node.db"))) {
                assertEquals(acknowledged, store.all("a").size());
            }
        } finally {
            assertTrue(run("umount", disk.toString()));
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start().waitFor() == 0;
    }

    @Test
    void losesNothingAcknowledgedToKill9() throws Exception {
        List<String> acknowledged = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            Process writer = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java")
                    .toString(),
                    "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                    AcknowledgingWriter.class.getName(), file().toString(), Long.toString(round * 1_000_000L))
                    .redirectError(ProcessBuilder.Redirect.INHERIT).start();
            try (BufferedReader out = writer.inputReader()) {
                int before = acknowledged.size();
                for (String line = out.readLine(); line != null; line = out.readLine()) {
                    if (line.length() == 10) {
                        acknowledged.add(line);
                    }
                    if (acknowledged.size() - before == ACKNOWLEDGED) {
                        writer.toHandle().destroyForcibly();
                    }
                }
                assertTrue(acknowledged.size() - before >= ACKNOWLEDGED, "the writer ended by itself");
            } finally {
                writer.destroyForcibly().waitFor();
            }
            try (SqliteStore store = new SqliteStore(file())) {
                for (String key : acknowledged) {
                    assertTrue(store.get("left", key).isPresent(), key);
                }
                assertEquals(store.all("left"), store.all("right"), "half a write was kept");
            }
        }
    }
}
