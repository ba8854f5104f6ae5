package org.myclerk.core.trust;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

import org.myclerk.api.node.Roles;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.store.Store;
import org.myclerk.api.store.StoreException;
import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.session.Credentials;

/**
 * The folder in which a node keeps who it is. Only its owner can read it; every file is replaced as a whole.
 *
 * <pre>
 * identity/node.key        the node's key pair
 * identity/node.cert       the family's root (public), the node's certificate, the family's PSK if any
 * family/root.key          the family's root key, plain or under a passphrase; absent where it is not kept
 * operator/operator.key    the key pair of the person at this node's command line
 * operator/operator.cert   that person's certificate, by the home authority
 * authority.key            the home authority: a root of this home's own, never sent anywhere
 * store/node.db            the node's store
 * </pre>
 *
 * <p>The home authority lets the operator in at the own node even while the family's root is elsewhere.
 * Thread-safe for readers; writers take turns ({@link HomeFamily}).
 */
public final class Home {

    static final String NODE_KEY = "identity/node.key";
    static final String NODE_CERT = "identity/node.cert";
    static final String ROOT_KEY = "family/root.key";
    static final String OPERATOR_KEY = "operator/operator.key";
    static final String OPERATOR_CERT = "operator/operator.cert";
    static final String AUTHORITY_KEY = "authority.key";
    static final String STORE = "store/node.db";

    private static final List<String> FILES =
            List.of(NODE_KEY, NODE_CERT, ROOT_KEY, OPERATOR_KEY, OPERATOR_CERT, AUTHORITY_KEY, STORE);

    private final Path folder;
    private final KeyPair nodeKey;
    private final KeyPair operatorKey;
    private final KeyPair authorityKey;
    private volatile Held node;
    private volatile Held operator;
    private volatile KeyFile root;

    /**
     * What a home is founded with.
     *
     * @param name of the node, such as the host's
     * @param user name of the operator
     * @param now Unix seconds
     */
    public record Founding(String name, String user, long now, RandomGenerator random) {
    }

    /** As it was read from a file, which compared them. */
    private record KeyPair(Secret seed, Bytes key) {

        static KeyPair read(Path file) throws IOException {
            KeyFile read = KeyFile.read(file);
            return new KeyPair(Secret.wrap(read.seed().map(Bytes::toArray).orElseThrow(
                    () ->
                    new IOException("key file %s is damaged; restore it from a backup".formatted(file)))),
                    read.key());
        }

        static KeyPair readOrFresh(Path file, RandomGenerator random) throws IOException {
            if (!Files.exists(file)) {
                KeyFile.plain(Secret.wrap(Crypto.random(random, Crypto.KEY))).write(file);
            }
            return read(file);
        }
    }

    /** A membership and its certificate, so that it is read once. */
    private record Held(Membership membership, Certificate certificate) {

        Held(Membership membership) {
            this(membership, membership.certificate());
        }
    }

    private Home(Path folder, KeyPair authority, KeyPair operatorKey, Membership operator)
            throws IOException {
        this.folder = folder;
        this.operatorKey = operatorKey;
        this.operator = new Held(operator);
        authorityKey = authority;
        nodeKey = KeyPair.read(folder.resolve(NODE_KEY));
        node = new Held(Membership.read(folder.resolve(NODE_CERT), nodeKey.key));
        Path rootFile = folder.resolve(ROOT_KEY);
        if (Files.exists(rootFile)) {
            KeyFile read = KeyFile.read(rootFile);
            // The key of a family that the node left a moment before it crashed is no longer ours.
            root = read.key().equals(membership().root()) ? read : null;
        }
    }

    /** {@code .myclerk} in the user's home. */
    public static Path usual() {
        return Path.of(System.getProperty("user.home"), ".myclerk");
    }

    /** Whether the folder holds an identity. */
    public static boolean founded(Path folder) {
        return Files.exists(folder.resolve(NODE_CERT));
    }

    /** @throws IOException if it has no identity, is damaged or open to others, with a sentence for people */
    public static Home open(Path folder) throws IOException {
        if (!founded(folder)) {
            throw new IOException("%s has no identity yet; run \"myclerk up\" or \"myclerk join\" first"
                    .formatted(folder));
        }
        OwnerOnlyFiles.checkFolder(folder);
        KeyPair operator = KeyPair.read(folder.resolve(OPERATOR_KEY));
        return new Home(folder, KeyPair.read(folder.resolve(AUTHORITY_KEY)), operator,
                Membership.read(folder.resolve(OPERATOR_CERT), operator.key));
    }

    /**
     * Opens a home; in an empty one founds a family of which the node is administrator and hub. Repeated
     * after a crash it goes on where it was.
     *
     * @throws IOException if it cannot be made, read or written, with a sentence for people
     */
    public static Home openOrFound(Path folder, Founding founding) throws IOException {
        OwnerOnlyFiles.folder(folder);
        if (empty(folder)) {
            OwnerOnlyFiles.close(folder);
        } else if (founded(folder)) {
            OwnerOnlyFiles.checkFolder(folder);
        } else if (OwnerOnlyFiles.othersWrite(folder)) {
            throw new IOException("%s holds other files and others can write to it; name an empty folder"
                    .formatted(folder));
        }
        for (String name : List.of("identity", "family", "operator")) {
            OwnerOnlyFiles.folder(folder.resolve(name));
        }
        KeyPair authority = KeyPair.readOrFresh(folder.resolve(AUTHORITY_KEY), founding.random);
        KeyPair key = KeyPair.readOrFresh(folder.resolve(OPERATOR_KEY), founding.random);
        Membership operator = operator(folder.resolve(OPERATOR_CERT), authority, key, founding);
        foundFamily(folder, founding);
        return new Home(folder, authority, key, operator);
    }

    private static void foundFamily(Path folder, Founding founding) throws IOException {
        if (founded(folder)) {
            return;
        }
        Path rootFile = folder.resolve(ROOT_KEY);
        if (Files.exists(folder.resolve(NODE_KEY)) && !Files.exists(rootFile)
                || Files.exists(rootFile) && KeyFile.read(rootFile).locked()) {
            throw new IOException("%s is missing; restore it from a backup, or delete %s and %s to begin anew"
                    .formatted(folder.resolve(NODE_CERT), folder.resolve(NODE_KEY), rootFile));
        }
        KeyPair root = KeyPair.readOrFresh(rootFile, founding.random);
        KeyPair node = KeyPair.readOrFresh(folder.resolve(NODE_KEY), founding.random);
        Certificate certificate = first(root, node, List.of(Roles.ADMIN, Roles.HUB), founding.name,
                Math.max(founding.now, TrustedClock.EARLIEST), founding);
        Membership.of(root.key, certificate).write(folder.resolve(NODE_CERT));
        root.seed.erase();
    }

    /**
     * The operator's membership. Its certificate is good at this home alone, so it may begin at any time:
     * should the clock run ahead now, the operator is let in when it is set.
     */
    private static Membership operator(Path file, KeyPair authority, KeyPair key, Founding founding)
            throws IOException {
        if (Files.exists(file)) {
            Membership before = Membership.read(file, key.key);
            if (before.root().equals(authority.key)) {
                return before;
            }
        }
        Membership fresh = Membership.of(authority.key, first(authority, key, List.of(Roles.ADMIN),
                founding.user, TrustedClock.EARLIEST, founding));
        fresh.write(file);
        return fresh;
    }

    /** A serial that nobody can guess. */
    static long serial(RandomGenerator random) {
        return random.nextLong(1, 1L << 48);
    }

    private static Certificate first(KeyPair root, KeyPair key, List<String> roles, String name, long begin,
            Founding founding) {
        return Certificate.issue(root.seed, new Certificate.Body(0, familyOf(root.key),
                serial(founding.random),
                Bytes.wrap(Crypto.random(founding.random, 16)), key.key, roles, begin,
                Math.max(founding.now, TrustedClock.EARLIEST) + Certificate.YEAR, Optional.of(name)));
    }

    static Bytes familyOf(Bytes rootKey) {
        return Bytes.wrap(KeySchedule.familyId(rootKey.toArray()));
    }

    public Path folder() {
        return folder;
    }

    /** Where the node's store lies. */
    public Path storeFile() {
        return folder.resolve(STORE);
    }

    /** The family, and the node's certificate in it. */
    public Membership membership() {
        return node.membership;
    }

    /** The node's certificate. */
    public Certificate certificate() {
        return node.certificate;
    }

    /** Public key of the home authority, 32 bytes. */
    public Bytes authority() {
        return authorityKey.key;
    }

    /** The node's credentials; they follow when it joins a family or is certified anew. */
    public Credentials node(Supplier<Optional<Bytes>> revocations) {
        return new KeyCredentials(nodeKey.seed, nodeKey.key, () -> Optional.of(certificate()), revocations);
    }

    /** The operator's credentials, good at this home's node only. */
    public Credentials operator() {
        return new KeyCredentials(operatorKey.seed, operatorKey.key, () -> Optional.of(operator.certificate),
                Optional::empty);
    }

    /** The node's bare key, for pairing. */
    public Credentials joining() {
        return new KeyCredentials(nodeKey.seed, nodeKey.key, Optional::empty, Optional::empty);
    }

    /** The family's root key, if it is kept here. */
    Optional<KeyFile> root() {
        return Optional.ofNullable(root);
    }

    void root(KeyFile key) throws IOException {
        key.write(folder.resolve(ROOT_KEY));
        root = key;
    }

    void forgetRoot() throws IOException {
        OwnerOnlyFiles.delete(folder.resolve(ROOT_KEY));
        root = null;
    }

    /**
     * Takes a renewed certificate, or another family: then that of the family before is forgotten with its
     * root.
     */
    void member(Membership next) throws IOException {
        boolean other = !next.root().equals(membership().root());
        next.write(folder.resolve(NODE_CERT));
        node = new Held(next);
        if (other) {
            forgetRoot();
        }
    }

    /** Certifies the operator anew if two thirds of the certificate's time have passed. */
    void renewOperator(long now, RandomGenerator random) throws IOException {
        Certificate current = operator.certificate;
        if (now < current.renewalFrom()) {
            return;
        }
        Membership renewed = operator.membership.with(
                current.renewed(authorityKey.seed, current.name(), now, serial(random)));
        renewed.write(folder.resolve(OPERATOR_CERT));
        operator = new Held(renewed);
    }

    /**
     * Writes everything that makes this home into one file (zip), readable by its owner only. Keys are in it.
     *
     * @throws IOException if the file exists or cannot be written, with a sentence for people
     */
    public void backup(Path file, Store store) throws IOException {
        if (Files.exists(file)) {
            throw new IOException(file + " exists already; name a new file");
        }
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Path copy = folder.resolve("backup-of-the-store.new");
        try {
            Files.deleteIfExists(fresh);
            Files.deleteIfExists(copy);
            store.backup(copy);
            try (FileChannel channel = OwnerOnlyFiles.create(fresh)) {
                zip(channel, copy);
                channel.force(true);
            }
            OwnerOnlyFiles.moveIntoPlace(fresh, file);
        } catch (StoreException failed) {
            throw new IOException("cannot write %s: %s".formatted(file, failed.getMessage()), failed);
        } catch (FileSystemException failed) {
            throw OwnerOnlyFiles.explained("write", file, failed);
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    private void zip(FileChannel channel, Path storeCopy) throws IOException {
        ZipOutputStream zip = new ZipOutputStream(Channels.newOutputStream(channel));
        for (String name : FILES) {
            Path source = name.equals(STORE) ? storeCopy : folder.resolve(name);
            if (Files.exists(source)) {
                zip.putNextEntry(new ZipEntry(name));
                Files.copy(source, zip);
                zip.closeEntry();
            }
        }
        zip.finish();
        zip.flush();
    }

    /**
     * Makes a home of a backup, or nothing if that fails.
     *
     * @param folder must be missing or empty
     * @throws IOException if it is neither, or the file is no backup, with a sentence for people
     */
    public static Home restore(Path file, Path folder) throws IOException {
        if (Files.exists(folder) && !empty(folder)) {
            throw new IOException("%s is not empty; a backup is restored into a new home only"
                    .formatted(folder));
        }
        Path target = folder.toAbsolutePath();
        OwnerOnlyFiles.folder(target.getParent());
        Path fresh = target.resolveSibling(target.getFileName() + ".restoring");
        try {
            clear(fresh);
            OwnerOnlyFiles.folder(fresh);
            unzip(file, fresh);
            open(fresh);
            OwnerOnlyFiles.moveIntoPlace(fresh, target);
        } catch (ZipException damaged) {
            throw new IOException("%s is damaged or no backup of a home".formatted(file), damaged);
        } catch (FileSystemException failed) {
            throw OwnerOnlyFiles.explained("restore", file, failed);
        } finally {
            clear(fresh);
        }
        return open(folder);
    }

    private static boolean empty(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.findAny().isEmpty();
        }
    }

    private static void unzip(Path file, Path folder) throws IOException {
        try (InputStream in = Files.newInputStream(file); ZipInputStream zip = new ZipInputStream(in)) {
            int entries = 0;
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (!FILES.contains(entry.getName())) {
                    throw new ZipException("foreign entry");
                }
                Path path = folder.resolve(entry.getName());
                OwnerOnlyFiles.folder(path.getParent());
                try (FileChannel channel = OwnerOnlyFiles.create(path)) {
                    zip.transferTo(Channels.newOutputStream(channel));
                    channel.force(true);
                }
                entries++;
            }
            if (entries == 0 || !founded(folder)) {
                throw new ZipException("no identity");
            }
        }
    }

    private static void clear(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            for (String name : FILES) {
                Files.deleteIfExists(folder.resolve(name));
            }
            for (String name : List.of("identity", "family", "operator", "store", "")) {
                Files.deleteIfExists(folder.resolve(name));
            }
        }
    }

    @Override
    public String toString() {
        return "home " + folder;
    }
}
