package org.myclerk.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.store.Store;
import org.myclerk.api.store.StoreException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * A store in one SQLite file, with a write-ahead log and full synchronisation.
 *
 * <p>One thread writes. It takes all writers that wait, up to {@value #GROUP} of them, into one commit, so
 * that they share one wait for the disk; at most {@value #WAITING} wait, further ones wait to be let in.
 * Reads go over a connection of their own and see whatever was committed.
 *
 * <p>Every value has a checksum. A file that SQLite finds damaged, or in which a checksum is wrong, is set
 * aside under another name and never used or replaced in silence; nor is one that was there and is gone.
 */
public final class SqliteStore implements Store, AutoCloseable {

    /** The thousands count versions that an older program cannot use. */
    private static final int MAJOR = 1000;

    /**
     * What each minor version added, 1.0 first. An older program goes on with a file that has grown, so that
     * a step adds what may be left empty and takes nothing away.
     */
    private static final List<String> GROWTH = List.of("""
            CREATE TABLE entry (bucket TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
                PRIMARY KEY (bucket, key)) WITHOUT ROWID""",
            // CRC-32C of bucket, key and value: SQLite does not notice a changed byte within a value.
            "ALTER TABLE entry ADD COLUMN sum INTEGER");

    static final int SCHEMA = MAJOR + GROWTH.size() - 1;

    /** Marks the file as ours (PRAGMA application_id): "MyCl". */
    static final int APPLICATION = 0x4D79436C;

    /** The least page of SQLite, in bytes. */
    private static final int SMALLEST = 512;
    private static final int GROUP = 256;
    private static final int WAITING = 1024;
    private static final DateTimeFormatter FILE_TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final System.Logger LOG = System.getLogger("org.myclerk.store");

    private final Path file;
    private final Connection writing;
    private final Connection reading;
    private final ReentrantLock readLock = new ReentrantLock();

    private final ReentrantLock queueLock = new ReentrantLock();
    private final Condition notEmpty = queueLock.newCondition();
    private final Condition notFull = queueLock.newCondition();
    private final ArrayDeque<Write> queue = new ArrayDeque<>();
    private boolean closed;
    private final Thread writer;

    /** What one caller wants written, and what became of it. */
    private record Write(List<Change> changes, boolean onlyIfAbsent, CompletableFuture<Outcome> outcome) {
    }

    private record Outcome(boolean changed, Exception failure) {
    }

    /**
     * Opens a store, or makes one.
     *
     * @throws StoreException if it cannot be used: damaged, newer than this program, no place to write
     */
    public SqliteStore(Path file) {
        this(file, false);
    }

    /**
     * @param startEmpty whether to begin with nothing if the file is damaged or was set aside as damaged
     *     before
     * @throws StoreException if it cannot be used
     */
    public SqliteStore(Path file, boolean startEmpty) {
        this.file = file.toAbsolutePath();
        setAsideIfDamaged();
        refuseToForget(startEmpty);
        makeFile();
        Connection first = null;
        try {
            first = connect(this.file);
            prepareSchema(first);
            rememberFile();
            writing = first;
            writing.setAutoCommit(false);
            reading = connect(this.file);
        } catch (SQLException e) {
            closeQuietly(first);
            throw failure(e);
        } catch (StoreException e) {
            closeQuietly(first);
            throw e;
        }
        writer = Thread.ofPlatform().name("myclerk-store-writer").daemon().start(this::writeUntilClosed);
    }

    @Override
    public Optional<Bytes> get(String bucket, String key) {
        Objects.requireNonNull(bucket);
        Objects.requireNonNull(key);
        return read("SELECT key, value, sum FROM entry WHERE bucket = ? AND key = ?", query -> {
            query.setString(1, bucket);
            query.setString(2, key);
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? Optional.of(entry(bucket, row).value()) : Optional.empty();
            }
        });
    }

    @Override
    public List<Entry> scan(String bucket, String prefix, String after, int limit) {
        Objects.requireNonNull(bucket);
        if (limit < 0) {
            throw new IllegalArgumentException("limit is negative: " + limit);
        }
        String sql =
                "SELECT key, value, sum FROM entry WHERE bucket = ? AND key >= ? AND key > ? ORDER BY key "
                + "LIMIT ?";
        return read(sql, query -> {
            query.setString(1, bucket);
            query.setString(2, prefix);
            query.setString(3, after);
            query.setInt(4, limit);
            List<Entry> found = new ArrayList<>();
            try (ResultSet row = query.executeQuery()) {
                while (row.next() && row.getString(1).startsWith(prefix)) {
                    found.add(entry(bucket, row));
                }
            }
            return List.copyOf(found);
        });
    }

    /** The entry of a row of key, value and checksum. */
    private Entry entry(String bucket, ResultSet row) throws SQLException {
        String key = row.getString(1);
        byte[] value = row.getBytes(2);
        long sum = row.getLong(3);
        if (!row.wasNull() && sum != sum(bucket, key, value)) {
            throw new StoreException(
                    "%s is damaged (checksum of \"%s\" in %s): stop the node and restore a backup"
                    .formatted(file, key, bucket), null);
        }
        return new Entry(key, Bytes.wrap(value));
    }

    private static long sum(String bucket, String key, byte[] value) {
        CRC32C sum = new CRC32C();
        sum.update(bucket.getBytes(StandardCharsets.UTF_8));
        sum.update(0);
        sum.update(key.getBytes(StandardCharsets.UTF_8));
        sum.update(0);
        sum.update(value);
        return sum.getValue();
    }

    @Override
    public void write(List<Change> changes) {
        submit(List.copyOf(changes), false);
    }

    @Override
    public boolean putIfAbsent(String bucket, String key, Bytes value) {
        return submit(List.of(new Change.Put(bucket, key, value)), true);
    }

    @Override
    public void backup(Path target) {
        Path whole = target.toAbsolutePath();
        Path part = whole.resolveSibling(whole.getFileName() + ".part");
        try {
            if (Files.exists(whole)) {
                throw new FileAlreadyExistsException(whole.toString());
            }
            Files.deleteIfExists(part);
            Files.createFile(part, ownerOnly("rw-------"));
            read("VACUUM INTO ?", copy -> {
                copy.setString(1, part.toString());
                return copy.execute();
            });
            try (FileChannel written = FileChannel.open(part, StandardOpenOption.WRITE)) {
                written.force(true);
            }
            Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException e) {
            throw new StoreException("%s exists: name another file for the backup".formatted(e.getMessage()),
                    e);
        } catch (IOException e) {
            throw new StoreException("cannot write the backup %s: %s".formatted(whole, reason(e)), e);
        }
    }

    /** Ends after what waits is written. Closing twice is harmless. */
    @Override
    public void close() {
        queueLock.lock();
        try {
            closed = true;
            notEmpty.signalAll();
            notFull.signalAll();
        } finally {
            queueLock.unlock();
        }
        boolean interrupted = false;
        while (writer.isAlive()) {
            try {
                writer.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        readLock.lock();
        try {
            closeQuietly(reading);
            closeQuietly(writing);
        } finally {
            readLock.unlock();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean submit(List<Change> changes, boolean onlyIfAbsent) {
        Write write = new Write(changes, onlyIfAbsent, new CompletableFuture<>());
        queueLock.lock();
        try {
            while (queue.size() >= WAITING && !closed) {
                notFull.awaitUninterruptibly();
            }
            if (closed) {
                throw new StoreException("the store is closed; nothing was written", null);
            }
            queue.add(write);
            notEmpty.signal();
        } finally {
            queueLock.unlock();
        }
        Outcome outcome = write.outcome.join();
        if (outcome.failure != null) {
            throw failure(outcome.failure);
        }
        return outcome.changed;
    }

    private void writeUntilClosed() {
        while (true) {
            List<Write> group = nextGroup();
            if (group.isEmpty()) {
                return;
            }
            if (!commit(group)) {
                // One of them may be to blame: each gets a commit of its own, so that the others do not
                // suffer.
                group.forEach(one -> commit(List.of(one)));
            }
        }
    }

    /** Waits for writers; none are left once the store is closed and the queue is empty. */
    private List<Write> nextGroup() {
        queueLock.lock();
        try {
            while (queue.isEmpty() && !closed) {
                notEmpty.awaitUninterruptibly();
            }
            List<Write> group = new ArrayList<>();
            while (!queue.isEmpty() && group.size() < GROUP) {
                group.add(queue.remove());
            }
            notFull.signalAll();
            return group;
        } finally {
            queueLock.unlock();
        }
    }

    /**
     * @return false if nothing was written and each should be tried alone; a group of one is told what went
     *     wrong
     */
    private boolean commit(List<Write> group) {
        List<Outcome> outcomes = new ArrayList<>();
        try {
            for (Write write : group) {
                outcomes.add(new Outcome(apply(write), null));
            }
            writing.commit();
        } catch (SQLException | RuntimeException e) {
            try {
                writing.rollback();
            } catch (SQLException alreadyRolledBack) {
                e.addSuppressed(alreadyRolledBack);
            }
            if (group.size() > 1) {
                return false;
            }
            group.getFirst().outcome.complete(new Outcome(false, e));
            return true;
        }
        for (int i = 0; i < group.size(); i++) {
            group.get(i).outcome.complete(outcomes.get(i));
        }
        return true;
    }

    private boolean apply(Write write) throws SQLException {
        boolean changed = false;
        for (Change change : write.changes) {
            changed |= switch (change) {
                case Change.Put(String bucket, String key, Bytes value) -> {
                    String sql = write.onlyIfAbsent
                            ? "INSERT OR IGNORE INTO entry (bucket, key, value, sum) VALUES (?, ?, ?, ?)"
                            : "INSERT OR REPLACE INTO entry (bucket, key, value, sum) VALUES (?, ?, ?, ?)";
                    try (PreparedStatement put = writing.prepareStatement(sql)) {
                        put.setString(1, bucket);
                        put.setString(2, key);
                        byte[] bytes = value.toArray();
                        put.setBytes(3, bytes);
                        put.setLong(4, sum(bucket, key, bytes));
                        yield put.executeUpdate() == 1;
                    }
                }
                case Change.Remove(String bucket, String key) -> {
                    String sql = "DELETE FROM entry WHERE bucket = ? AND key = ?";
                    try (PreparedStatement remove = writing.prepareStatement(sql)) {
                        remove.setString(1, bucket);
                        remove.setString(2, key);
                        yield remove.executeUpdate() == 1;
                    }
                }
            };
        }
        return changed;
    }

    @FunctionalInterface
    private interface Query<R> {

        R run(PreparedStatement statement) throws SQLException;
    }

    private <R> R read(String sql, Query<R> query) {
        readLock.lock();
        try (PreparedStatement statement = reading.prepareStatement(sql)) {
            return query.run(statement);
        } catch (SQLException e) {
            throw failure(e);
        } finally {
            readLock.unlock();
        }
    }

    private static Connection connect(Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setBusyTimeout(10_000);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        return source.getConnection();
    }

    private void prepareSchema(Connection connection) throws SQLException {
        int application = number(connection, "PRAGMA application_id");
        int schema = number(connection, "PRAGMA user_version");
        int tables = number(connection, "SELECT count(*) FROM sqlite_schema");
        if (application != APPLICATION && (application != 0 || tables > 0)) {
            throw new StoreException("%s is not the state of a node: name another folder".formatted(file),
                    null);
        }
        if (schema / MAJOR > SCHEMA / MAJOR) {
            throw new StoreException("%s was written by a newer version (schema %d.%d, this one knows %d): %s"
                    .formatted(file, schema / MAJOR, schema % MAJOR, SCHEMA / MAJOR,
                            "install that version or restore a backup"), null);
        }
        int grown = tables == 0 ? 0 : schema % MAJOR + 1;
        if (grown < GROWTH.size()) {
            try (Statement statement = connection.createStatement()) {
                statement.executeUpdate("BEGIN IMMEDIATE");
                for (String step : GROWTH.subList(grown, GROWTH.size())) {
                    statement.executeUpdate(step);
                }
                statement.executeUpdate("PRAGMA application_id = " + APPLICATION);
                statement.executeUpdate("PRAGMA user_version = " + SCHEMA);
                statement.executeUpdate("COMMIT");
            }
        }
    }

    private static int number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet row =
                statement.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        }
    }

    private void setAsideIfDamaged() {
        String damage = damage();
        if (damage == null) {
            return;
        }
        Path aside = file.resolveSibling("%s.damaged-%s"
                .formatted(file.getFileName(), FILE_TIME.format(Instant.now())));
        try {
            for (String suffix : List.of("", "-wal", "-shm")) {
                Path one = Path.of(file + suffix);
                if (Files.exists(one)) {
                    Files.move(one, Path.of(aside + suffix));
                }
            }
        } catch (IOException e) {
            throw new StoreException("%s is damaged (%s) and cannot be set aside: %s"
                    .formatted(file, damage, reason(e)), e);
        }
        LOG.log(System.Logger.Level.WARNING, "{0} is damaged ({1}); it was set aside as {2}", file, damage,
                aside);
    }

    /** What SQLite finds wrong with the file, or {@code null}. */
    private String damage() {
        try {
            if (!Files.exists(file)) {
                return null;
            }
            long size = Files.size(file);
            if (size < SMALLEST) {
                // SQLite takes such a file for a new one.
                return size > 0 || Files.exists(remembered()) ? "%d bytes are left".formatted(size) : null;
            }
        } catch (IOException e) {
            throw new StoreException("cannot read %s: %s".formatted(file, reason(e)), e);
        }
        try (Connection connection = connect(file);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA quick_check(1)")) {
            String verdict = row.next() ? row.getString(1) : "no verdict";
            return verdict.equals("ok") ? wrongSum(connection) : verdict.replace('\n', ' ');
        } catch (SQLiteException e) {
            SQLiteErrorCode code = primary(e);
            if (code == SQLiteErrorCode.SQLITE_CORRUPT || code == SQLiteErrorCode.SQLITE_NOTADB) {
                return e.getResultCode().message;
            }
            throw failure(e);
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    /** The first value whose checksum is wrong, or {@code null}. Those of schema 1.0 have none. */
    private static String wrongSum(Connection connection) throws SQLException {
        if (number(connection, "SELECT count(*) FROM pragma_table_info('entry') WHERE name = 'sum'") == 0) {
            return null;
        }
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                        "SELECT bucket, key, value, sum FROM entry WHERE sum NOT NULL")) {
            while (row.next()) {
                if (row.getLong(4) != sum(row.getString(1), row.getString(2), row.getBytes(3))) {
                    return "checksum of \"%s\" in %s".formatted(row.getString(2), row.getString(1));
                }
            }
        }
        return null;
    }

    /** Says that there is a file, should it be gone one day. */
    private Path remembered() {
        return file.resolveSibling(file.getFileName() + ".made");
    }

    private void rememberFile() {
        try {
            if (!Files.exists(remembered())) {
                Files.createFile(remembered(), ownerOnly("rw-------"));
            }
        } catch (IOException e) {
            throw new StoreException("cannot make %s: %s".formatted(remembered(), reason(e)), e);
        }
    }

    /** A state that was set aside must not be forgotten because the node was started once more. */
    private void refuseToForget(boolean startEmpty) {
        if (Files.exists(file) || startEmpty || !Files.isDirectory(file.getParent())) {
            return;
        }
        String pattern = file.getFileName() + ".damaged-*Z";
        try (DirectoryStream<Path> damaged = Files.newDirectoryStream(file.getParent(), pattern)) {
            for (Path one : damaged) {
                throw new StoreException("the state is damaged and was set aside as %s: %s".formatted(one,
                        "restore a backup, or set startEmpty=true to begin without it"), null);
            }
        } catch (IOException e) {
            throw new StoreException("cannot read %s: %s".formatted(file.getParent(), reason(e)), e);
        }
        if (Files.exists(remembered())) {
            throw new StoreException(
                    "%s is gone: restore a backup, or set startEmpty=true to begin without it"
                    .formatted(file), null);
        }
    }

    private void makeFile() {
        try {
            Files.createDirectories(file.getParent(), ownerOnly("rwx------"));
            if (!Files.exists(file)) {
                Files.createFile(file, ownerOnly("rw-------"));
            }
        } catch (IOException e) {
            throw new StoreException("cannot make %s: %s".formatted(file, reason(e)), e);
        }
    }

    private static FileAttribute<?>[] ownerOnly(String mode) {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(
                PosixFilePermissions.fromString(mode))}
                : new FileAttribute<?>[0];
    }

    private StoreException failure(Exception cause) {
        if (!(cause instanceof SQLiteException sqlite)) {
            return new StoreException("%s cannot be used: %s".formatted(file, cause.getMessage()), cause);
        }
        String sentence = switch (primary(sqlite)) {
            case SQLITE_FULL ->
                    "the disk of %s is full; nothing was written: free some space".formatted(file);
            case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH ->
                    "%s cannot be written: check its owner and its rights".formatted(file);
            case SQLITE_BUSY, SQLITE_LOCKED -> "%s is held by another program: end it first".formatted(file);
            case SQLITE_CORRUPT, SQLITE_NOTADB ->
                    "%s is damaged; nothing was written: stop the node and restore a backup".formatted(file);
            case SQLITE_IOERR -> "the disk of %s fails (%s); nothing was written: check the disk"
                    .formatted(file, sqlite.getResultCode());
            default -> "%s cannot be used: %s".formatted(file, sqlite.getMessage());
        };
        return new StoreException(sentence, cause);
    }

    /** SQLite's extended codes carry the primary one in their low 8 bits. */
    private static SQLiteErrorCode primary(SQLiteException e) {
        return SQLiteErrorCode.getErrorCode(e.getResultCode().code & 0xFF);
    }

    private static String reason(IOException e) {
        return e.getClass() == IOException.class ? e.getMessage() : "%s (%s)".formatted(e.getMessage(),
                e.getClass().getSimpleName().replace("Exception", ""));
    }

    private static void closeQuietly(Connection connection) {
        if (connection == null) {
            return;
        }
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.WARNING, "closing the store failed: {0}", e.getMessage());
        }
    }
}
