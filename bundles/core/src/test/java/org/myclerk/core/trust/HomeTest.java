package org.myclerk.core.trust;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.core.trust.TestNode.DAY;
import static org.myclerk.core.trust.TestNode.NOW;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.crypto.VerifyingKey;
import org.myclerk.core.session.Credentials;

class HomeTest {

    @TempDir
    private Path folder;

    private static Home found(Path home) throws IOException {
        return Home.openOrFound(home, new Home.Founding("kitchen", "ada", NOW, new Random(home.hashCode())));
    }

    private static String message(IOException failed) {
        assertFalse(failed.getMessage().contains("\n"));
        return failed.getMessage();
    }

    private static void rights(Path path, String rights) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(rights));
    }

    @Test
    void foundsAFamilyInAnEmptyHome() throws Exception {
        Home home = found(folder.resolve("home"));
        Certificate own = home.membership().certificate();
        assertEquals("kitchen", own.name());
        assertEquals(List.of("admin", "hub"), own.body().roles());
        assertEquals(NOW, own.body().nbf());
        assertEquals(NOW + 365 * DAY, own.body().exp());
        assertTrue(own.signedBy(home.membership().root()));
        assertEquals(home.membership().root(), home.root().orElseThrow().key());
        Credentials operator = home.operator();
        Certificate person = Certificate.parse(operator.certificate().orElseThrow());
        assertEquals("ada", person.name());
        assertEquals(List.of("admin"), person.body().roles());
        assertTrue(person.signedBy(home.authority()));
        assertEquals(person.node(), operator.node());
        assertEquals(Optional.empty(), operator.revocations());
        assertNotEquals(own.family(), person.family());
    }

    @Test
    void startsItsCertificateIn2026IfTheClockIsEarlier() throws IOException {
        Home home = Home.openOrFound(folder, new Home.Founding("pi", "ada", 1000, new Random(1)));
        assertEquals(TrustedClock.EARLIEST, home.membership().certificate().body().nbf());
    }

    @Test
    void opensWhatItFounded() throws IOException {
        Home founded = found(folder);
        Home opened = Home.open(folder);
        assertEquals(founded.membership(), opened.membership());
        assertEquals(founded.membership(), found(folder).membership());
        assertEquals(founded.operator().certificate(), opened.operator().certificate());
        assertEquals(folder.resolve("store/node.db"), opened.storeFile());
        assertEquals(folder, opened.folder());
    }

    @Test
    void provesItselfWithTheNodesKey() throws IOException {
        Home home = found(folder);
        Bytes list = Bytes.wrap((byte) 1);
        Credentials node = home.node(() -> Optional.of(list));
        byte[] signature = node.sign("label", new byte[] {1});
        assertTrue(KeySchedule.verify(new VerifyingKey(node.publicKey()), "label", new byte[] {1},
                signature));
        assertEquals(home.membership().certificate().node(), node.node());
        assertEquals(Optional.of(home.membership().cert()), node.certificate());
        assertEquals(Optional.of(list), node.revocations());
        Credentials joining = home.joining();
        assertEquals(node.publicKey(), joining.publicKey());
        assertEquals(Bytes.EMPTY, joining.node());
        assertEquals(Optional.empty(), joining.certificate());
        assertEquals("credentials of kitchen", node.toString());
        assertEquals("credentials of a joining node", joining.toString());
    }

    @Test
    void letsOnlyItsOwnerIn() throws IOException {
        rights(folder, "rwxr-xr-x");
        found(folder);
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.toList()) {
                assertEquals(Files.isDirectory(path) ? "rwx------" : "rw-------",
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(path)), path.toString());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Home.NODE_KEY, Home.NODE_CERT, Home.ROOT_KEY, Home.OPERATOR_KEY,
            Home.OPERATOR_CERT,
        Home.AUTHORITY_KEY})
    void refusesKeysThatOthersCanRead(String name) throws IOException {
        found(folder);
        rights(folder.resolve(name), "rw-r-----");
        String told = message(assertThrows(IOException.class, () -> Home.open(folder)));
        assertEquals("others can read %s; run: chmod 600 %s".formatted(folder.resolve(name),
                folder.resolve(name)), told);
    }

    @Test
    void refusesAHomeThatOthersCanWriteTo() throws IOException {
        found(folder);
        rights(folder, "rwxrwx---");
        assertTrue(message(assertThrows(IOException.class, () -> Home.open(folder))).contains("chmod 700"));
        assertTrue(message(assertThrows(IOException.class, () -> found(folder))).contains("chmod 700"));
    }

    @ParameterizedTest
    @ValueSource(strings = {Home.NODE_KEY, Home.NODE_CERT, Home.ROOT_KEY, Home.OPERATOR_KEY,
            Home.OPERATOR_CERT,
        Home.AUTHORITY_KEY})
    void namesTheFileThatIsBroken(String name) throws IOException {
        found(folder);
        byte[] good = Files.readAllBytes(folder.resolve(name));
        byte[] broken = good.clone();
        broken[good.length - 1] ^= 1;
        for (byte[] content : List.of(broken, new byte[0], new byte[40])) {
            Files.write(folder.resolve(name), content);
            String told = message(assertThrows(IOException.class, () -> Home.open(folder)));
            assertTrue(told.contains(folder.resolve(name) + " is damaged; restore it from a backup"), told);
        }
        Files.write(folder.resolve(name), new byte[2 << 20]);
        assertTrue(message(assertThrows(IOException.class, () -> Home.open(folder))).contains("too large"));
    }

    @Test
    void refusesACertificateOfAnotherKey() throws IOException {
        found(folder.resolve("a"));
        found(folder.resolve("b"));
        Files.copy(folder.resolve("b").resolve(Home.NODE_CERT), folder.resolve("c"));
        OwnerOnlyFiles.write(folder.resolve("a").resolve(Home.NODE_CERT),
                Files.readAllBytes(folder.resolve("c")));
        assertThrows(IOException.class, () -> Home.open(folder.resolve("a")));
    }

    @Test
    void namesAKeyThatIsMissing() throws IOException {
        found(folder);
        Files.delete(folder.resolve(Home.NODE_KEY));
        String told = message(assertThrows(IOException.class, () -> Home.open(folder)));
        assertEquals("cannot read %s: there is no such file".formatted(folder.resolve(Home.NODE_KEY)), told);
    }

    @Test
    void refusesANodeKeyUnderAPassphrase() throws IOException {
        found(folder);
        KeyFile.sealed(Secret.wrap(new byte[32]), "x".toCharArray(), new Random(1))
                .write(folder.resolve(Home.NODE_KEY));
        assertTrue(message(assertThrows(IOException.class, () -> Home.open(folder))).contains("is damaged"));
    }

    @Test
    void saysThatThereIsNoIdentityYet() {
        assertTrue(message(assertThrows(IOException.class, () -> Home.open(folder.resolve("none"))))
                .contains("has no identity yet; run \"myclerk up\""));
    }

    @Test
    void saysInOneLineWhyAHomeCannotBeMade() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertEquals(file + " is a file, not a folder",
                message(assertThrows(IOException.class, () -> found(file))));
        String below = message(assertThrows(IOException.class, () -> found(file.resolve("home"))));
        assertTrue(below.contains(file.toString()), below);
        String unwritable = message(
                assertThrows(IOException.class, () -> found(Path.of("/proc/myclerk/home"))));
        assertTrue(unwritable.startsWith("cannot make the folder /proc/myclerk"), unwritable);
    }

    @Test
    void saysInOneLineWhyAFileCannotBeWritten() {
        String told = message(assertThrows(IOException.class,
                () -> OwnerOnlyFiles.write(folder.resolve("none/file"), new byte[1])));
        assertEquals("cannot write %s: there is no such file".formatted(folder.resolve("none/file")), told);
        String closed = message(assertThrows(IOException.class, () ->
                OwnerOnlyFiles.close(folder.resolve("none"))));
        assertTrue(closed.startsWith("cannot change the rights of"), closed);
        String deleted = message(
                assertThrows(IOException.class, () -> OwnerOnlyFiles.delete(Path.of("/proc/version"))));
        assertTrue(deleted.startsWith("cannot delete /proc/version: "), deleted);
    }

    @Test
    void explainsEveryKindOfFailure() {
        Path path = Path.of("f");
        assertEquals("cannot read f: permission denied; check who owns it",
                OwnerOnlyFiles.explained("read", path,
                new AccessDeniedException("f")).getMessage());
        assertEquals("cannot read f: it exists already", OwnerOnlyFiles.explained("read", path,
                new FileAlreadyExistsException("f")).getMessage());
        assertEquals("cannot read f: No space left", OwnerOnlyFiles.explained("read", path,
                new FileSystemException("f", null, "No space left")).getMessage());
        assertEquals("cannot read f: odd",
                OwnerOnlyFiles.explained("read", path, new IOException("odd")).getMessage());
        assertEquals("cannot read f: EOFException",
                OwnerOnlyFiles.explained("read", path, new EOFException()).getMessage());
    }

    @Test
    void goesOnFoundingAfterACrashAtAnyFile() throws IOException {
        List<String> written = List.of(Home.AUTHORITY_KEY, Home.OPERATOR_KEY, Home.OPERATOR_CERT,
                Home.ROOT_KEY,
                Home.NODE_KEY, Home.NODE_CERT);
        for (int done = 0; done < written.size(); done++) {
            Path home = folder.resolve("home" + done);
            found(home);
            for (String name : written.subList(done, written.size())) {
                Files.delete(home.resolve(name));
            }
            Path half = Files.createFile(home.resolve(written.get(done) + ".new"));
            byte[] kept = done == 0 ? null : Files.readAllBytes(home.resolve(written.get(done - 1)));
            Home again = found(home);
            assertEquals(again.root().orElseThrow().key(), again.membership().root());
            assertEquals(again.membership(), Home.open(home).membership());
            assertFalse(Files.exists(half));
            if (done > 0) {
                assertArrayEquals(kept, Files.readAllBytes(home.resolve(written.get(done - 1))));
            }
        }
    }

    @Test
    void doesNotFoundAnewOverAnIdentityThatLostItsCertificate() throws IOException {
        found(folder);
        Files.delete(folder.resolve(Home.NODE_CERT));
        Files.delete(folder.resolve(Home.ROOT_KEY));
        String told = message(assertThrows(IOException.class, () -> found(folder)));
        assertTrue(told.startsWith(folder.resolve(Home.NODE_CERT) + " is missing; restore it from a backup"),
                told);
    }

    @Test
    void doesNotFoundAnewUnderALockedRoot() throws IOException {
        found(folder);
        Files.delete(folder.resolve(Home.NODE_CERT));
        KeyFile.sealed(Secret.wrap(new byte[32]), "x".toCharArray(), new Random(1))
                .write(folder.resolve(Home.ROOT_KEY));
        assertThrows(IOException.class, () -> found(folder));
    }

    @Test
    void certifiesTheOperatorAnewAfterTwoThirdsOfAYear() throws Exception {
        Home home = found(folder);
        Bytes first = home.operator().certificate().orElseThrow();
        home.renewOperator(NOW + 240 * DAY, new Random(3));
        assertEquals(Optional.of(first), home.operator().certificate());
        home.renewOperator(NOW + 245 * DAY, new Random(3));
        Certificate second = Certificate.parse(home.operator().certificate().orElseThrow());
        assertTrue(second.signedBy(home.authority()));
        assertEquals(NOW + (245 + 365) * DAY, second.body().exp());
        assertEquals(TrustedClock.EARLIEST, second.body().nbf());
        assertFalse(second.renewalFrom() <= NOW + 480 * DAY);
        assertEquals(Certificate.parse(first).node(), second.node());
        assertEquals(Optional.of(second.encoded()), Home.open(folder).operator().certificate());
    }

    @Test
    void foundsNoHomeAmongFilesOfOthers() throws IOException {
        Files.createFile(folder.resolve("letter"));
        rights(folder, "rwxrwxrwx");
        String told = message(assertThrows(IOException.class, () -> found(folder)));
        assertEquals(folder + " holds other files and others can write to it; name an empty folder", told);
        assertEquals("rwxrwxrwx", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
        rights(folder, "rwxr-xr-x");
        assertEquals("kitchen", found(folder).membership().certificate().name());
    }

    @Test
    void ignoresTheRootKeyOfAFamilyItLeft() throws IOException {
        found(folder);
        KeyFile.plain(Secret.wrap(new byte[32])).write(folder.resolve(Home.ROOT_KEY));
        assertEquals(Optional.empty(), Home.open(folder).root());
    }

    @Test
    void restoresWhatItBackedUp() throws IOException {
        Path first = folder.resolve("first");
        Home home = found(first);
        Path file = folder.resolve("backup.zip");
        home.backup(file, new MemoryStore());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        Home restored = Home.restore(file, folder.resolve("second"));
        assertEquals(home.membership(), restored.membership());
        for (String name : List.of(Home.NODE_KEY, Home.NODE_CERT, Home.ROOT_KEY, Home.OPERATOR_KEY,
                Home.OPERATOR_CERT,
                Home.AUTHORITY_KEY)) {
            assertArrayEquals(Files.readAllBytes(first.resolve(name)),
                    Files.readAllBytes(folder.resolve("second").resolve(name)));
        }
        assertEquals("the store", Files.readString(restored.storeFile()));
        assertEquals("rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(restored.storeFile())));
        try (Stream<Path> left = Files.list(first)) {
            assertFalse(left.anyMatch(path -> path.toString().endsWith(".new")));
        }
        assertEquals(home.membership(),
                Home.restore(file, Files.createDirectory(folder.resolve("empty"))).membership());
    }

    @Test
    void overwritesNeitherABackupNorAHome() throws IOException {
        Home home = found(folder.resolve("home"));
        Path file = folder.resolve("backup.zip");
        home.backup(file, new MemoryStore());
        assertTrue(message(assertThrows(IOException.class, () -> home.backup(file, new MemoryStore())))
                .contains("exists already"));
        assertTrue(message(assertThrows(IOException.class, () -> Home.restore(file, home.folder())))
                .contains("is not empty"));
        assertTrue(message(assertThrows(IOException.class, () -> Home.restore(file, file)))
                .contains("is not empty"));
    }

    @Test
    void saysWhyABackupFailed() throws IOException {
        Home home = found(folder.resolve("home"));
        MemoryStore full = new MemoryStore();
        full.full = true;
        Path file = folder.resolve("b.zip");
        assertEquals("cannot write %s: the disk is full".formatted(file),
                message(assertThrows(IOException.class, () -> home.backup(file, full))));
        Path nowhere = folder.resolve("none/b.zip");
        assertTrue(message(assertThrows(IOException.class, () -> home.backup(nowhere, new MemoryStore())))
                .startsWith("cannot write " + nowhere));
        assertFalse(Files.exists(file));
    }

    @Test
    void restoresNothingFromAFileThatIsNoBackup() throws IOException {
        Home home = found(folder.resolve("home"));
        Path good = folder.resolve("good.zip");
        home.backup(good, new MemoryStore());
        byte[] bytes = Files.readAllBytes(good);
        Path target = folder.resolve("target");
        Path bad = folder.resolve("bad.zip");
        Files.writeString(bad, "no zip");
        assertTrue(message(assertThrows(IOException.class, () -> Home.restore(bad, target)))
                .contains("no backup"));
        Files.write(bad, Arrays.copyOf(bytes, bytes.length / 2));
        assertThrows(IOException.class, () -> Home.restore(bad, target));
        for (String name : List.of("../evil", "/etc/evil", "other")) {
            try (OutputStream out = Files.newOutputStream(bad); ZipOutputStream zip = new ZipOutputStream(
                    out)) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(1);
            }
            assertTrue(message(assertThrows(IOException.class, () -> Home.restore(bad, target)))
                    .contains("no backup"));
        }
        assertTrue(message(assertThrows(IOException.class, () ->
                Home.restore(folder.resolve("none"), target)))
                .contains("cannot restore"));
        assertFalse(Files.exists(target));
        assertFalse(Files.exists(folder.resolve("target.restoring")));
        assertFalse(Files.exists(folder.resolve("evil")));
    }

    @Test
    void livesInTheUsersHomeByDefault() {
        assertEquals(".myclerk", Home.usual().getFileName().toString());
        assertEquals(Path.of(System.getProperty("user.home")), Home.usual().getParent());
    }

    @Test
    void printsItsFolderAlone() throws IOException {
        assertEquals("home " + folder, found(folder).toString());
    }
}
