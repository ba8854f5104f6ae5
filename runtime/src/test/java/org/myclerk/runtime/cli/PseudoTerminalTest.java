package org.myclerk.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
@Timeout(60)
class PseudoTerminalTest {

    private static final int MUCH = 1_000_000;

    @TempDir
    private Path folder;

    private static <T> FutureTask<T> meanwhile(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    private static byte[] read(PseudoTerminal terminal, int length) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[5000];
        while (all.size() < length) {
            all.write(buffer, 0, terminal.read(buffer));
        }
        return all.toByteArray();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(7).nextBytes(bytes);
        return bytes;
    }

    @Test
    void carriesEveryByteBothWaysToAnotherProgram() throws Exception {
        Path link = folder.resolve("port");
        try (PseudoTerminal terminal = PseudoTerminal.open(link)) {
            Process cat = new ProcessBuilder("sh", "-c", "exec 3<>\"$0\"; cat <&3 & exec cat >&3",
                    link.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            try (OutputStream toProgram = cat.getOutputStream(); InputStream fromProgram =
                    cat.getInputStream()) {
                byte[] out = random(MUCH);
                byte[] back = Arrays.copyOf(out, MUCH);
                back[0]++;
                FutureTask<byte[]> arrived = meanwhile(() -> fromProgram.readNBytes(MUCH));
                FutureTask<byte[]> came = meanwhile(() -> read(terminal, MUCH));
                FutureTask<Boolean> taken = meanwhile(() -> terminal.write(out));
                toProgram.write(back);
                toProgram.flush();
                assertArrayEquals(out, arrived.get());
                assertArrayEquals(back, came.get());
                assertTrue(taken.get());
            } finally {
                cat.descendants().forEach(ProcessHandle::destroy);
                cat.destroy();
            }
        }
    }

    @Test
    void keepsUpWhileProgramsComeAndGo() throws Exception {
        Path link = folder.resolve("port");
        try (PseudoTerminal terminal = PseudoTerminal.open(link)) {
            for (int i = 0; i < 3; i++) {
                try (OutputStream program = Files.newOutputStream(link)) {
                    program.write(new byte[] {3, 4, 13, (byte) i});
                }
                assertArrayEquals(new byte[] {3, 4, 13, (byte) i}, read(terminal, 4));
            }
        }
    }

    @Test
    void holdsTheWriterWhileNobodyReads() throws Exception {
        FutureTask<Boolean> writing;
        try (PseudoTerminal terminal = PseudoTerminal.open(folder.resolve("port"))) {
            writing = meanwhile(() -> terminal.write(random(MUCH)));
            assertThrows(TimeoutException.class, () -> writing.get(300, TimeUnit.MILLISECONDS));
        }
        assertFalse(writing.get());
    }

    @Test
    void wakesTheReaderAndRemovesItsLinkWhenItIsClosed() throws Exception {
        Path link = folder.resolve("port");
        FutureTask<Integer> reading;
        try (PseudoTerminal terminal = PseudoTerminal.open(link)) {
            reading = meanwhile(() -> terminal.read(new byte[10]));
        }
        assertEquals(-1, reading.get());
        assertFalse(Files.exists(link, LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void replacesALinkThatAnEarlierRunLeft() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("port"), Path.of("/dev/pts/987654"));
        try (PseudoTerminal terminal = PseudoTerminal.open(link)) {
            assertEquals(terminal.device(), Files.readSymbolicLink(link));
        }
    }

    @Test
    void leavesOtherFilesAlone() throws Exception {
        Path file = Files.writeString(folder.resolve("port"), "mine");
        assertThrows(FileAlreadyExistsException.class, () -> PseudoTerminal.open(file));
        assertEquals("mine", Files.readString(file));
        assertThrows(IOException.class, () -> PseudoTerminal.open(folder.resolve("missing/port")));
    }
}
