package org.myclerk.backend.linux.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.operation.ErrorCode;

@EnabledOnOs(OS.LINUX)
final class KernelFileTest {

    private static final Path NULL = Path.of("/dev/null");
    private static final Path TERMINAL = Path.of("/dev/ptmx");
    private static final long TCGETS = 0x5401;

    @TempDir
    private Path folder;

    @Test
    void writesAndReads() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        try (Arena arena = Arena.ofConfined(); KernelFile written = KernelFile.open(file,
                KernelFile.O_WRONLY);
                KernelFile read = KernelFile.open(file, KernelFile.O_RDONLY)) {
            assertEquals(5, written.write(arena.allocateFrom("hello").asSlice(0, 5)));
            MemorySegment into = arena.allocate(10);
            assertEquals(5, read.read(into));
            assertEquals("hello", into.getString(0));
            assertEquals(0, read.read(into), "at the end");
        }
        assertEquals("hello", Files.readString(file));
    }

    @Test
    void tellsTheKernelsReasonInWords() throws Exception {
        KernelException gone = assertThrows(KernelException.class,
                () -> KernelFile.open(folder.resolve("none"), KernelFile.O_RDWR));
        assertEquals("cannot open %s/none: No such file or directory (ENOENT)".formatted(folder),
                gone.getMessage());
        assertEquals(ErrorCode.NOT_FOUND, gone.code());
        try (Arena arena = Arena.ofConfined(); KernelFile file = KernelFile.open(NULL, KernelFile.O_RDWR)) {
            KernelException no = assertThrows(KernelException.class,
                    () -> file.ioctl("ask", TCGETS, arena.allocate(64)));
            assertEquals("cannot ask /dev/null: Inappropriate ioctl for device (ENOTTY)", no.getMessage());
            assertEquals(ErrorCode.BAD_REQUEST, no.code());
        }
    }

    @Test
    void endsAWaitWhenItIsClosed() throws Exception {
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            KernelFile file = KernelFile.open(TERMINAL, KernelFile.O_RDWR);
            assertEquals(0, file.poll(KernelFile.POLLIN, Duration.ZERO));
            Future<Short> waiting = thread.submit(() -> file.poll(KernelFile.POLLIN, Duration.ofMinutes(5)));
            file.close();
            ExecutionException ended = assertThrows(ExecutionException.class,
                    () -> waiting.get(20, TimeUnit.SECONDS));
            assertEquals(Errno.EBADF, ((KernelException) ended.getCause()).errno());
            assertThrows(KernelException.class, () -> file.ioctl("ask", TCGETS, 0L));
            file.close();
        }
    }

    @Test
    void closesItsDescriptors() throws Exception {
        long before = descriptors();
        for (int i = 0; i < 100; i++) {
            try (KernelFile file = KernelFile.open(TERMINAL, KernelFile.O_RDWR)) {
                file.poll(KernelFile.POLLIN, Duration.ZERO);
            }
        }
        assertEquals(before, descriptors());
    }

    @Test
    void keepsNoMemoryOverAMillionCalls() throws Exception {
        try (KernelFile file = KernelFile.open(NULL, KernelFile.O_RDWR)) {
            call(file, 200_000);
            long before = kilobytesOutsideTheHeap();
            call(file, 1_000_000);
            long grown = kilobytesOutsideTheHeap() - before;
            assertTrue(grown < 30_000, "grew by " + grown + " KiB");
        }
    }

    private static void call(KernelFile file, int times) throws KernelException {
        for (int i = 0; i < times; i++) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment data = arena.allocate(256);
                data.set(ValueLayout.JAVA_INT, 0, i);
                assertEquals(256, file.write(data));
            }
        }
    }

    /** A leak of malloc's smallest piece, 32 bytes, at each of a million calls adds 31,250. */
    private static long kilobytesOutsideTheHeap() throws IOException {
        System.gc();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted() / 1024;
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("RssAnon:")).findFirst()
                    .map(line -> Long.parseLong(line.replaceAll("\\D", ""))).orElseThrow() - heap;
        }
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
