package org.myclerk.runtime.cli;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A raw pseudo-terminal (pty(7)) that any local program can open at a path of its own. It stays up while
 * programs come and go: this side holds the other end open too.
 *
 * <p>One thread may read while another writes; both block outside Java, so they are platform threads. {@link
 * #close} wakes them. Linux only.
 */
final class PseudoTerminal implements LocalEnd {

    private static final int O_RDWR = 2;
    private static final int O_NOCTTY = 0x100;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;
    private static final int TCSANOW = 0;
    private static final short POLLIN = 1;
    private static final short POLLOUT = 4;
    private static final int EINTR = 4;
    private static final int EAGAIN = 11;
    private static final int BUFFER = 4096;

    /** struct termios of the largest port of Linux is 72 bytes. */
    private static final int TERMIOS = 128;

    private static final StructLayout POLLFD = MemoryLayout.structLayout(JAVA_INT.withName("fd"),
            JAVA_SHORT.withName("events"), JAVA_SHORT.withName("revents")).withName("pollfd");

    private final Libc libc;
    private final int master;
    private final int slave;
    private final int wakeReader;
    private final int wakeWriter;
    private final Path device;
    private final Path link;
    private final Object reading = new Object();
    private final Object writing = new Object();
    private volatile boolean closed;

    private PseudoTerminal(Libc libc, int master, int slave, int[] wake, Path device, Path link) {
        this.libc = libc;
        this.master = master;
        this.slave = slave;
        this.wakeReader = wake[0];
        this.wakeWriter = wake[1];
        this.device = device;
        this.link = link;
    }

    /**
     * Makes one, and a symbolic link to it.
     *
     * @param link where programs open it; a link that an earlier run left behind is replaced
     * @throws IOException with a sentence for people
     */
    static PseudoTerminal open(Path link) throws IOException {
        if (!System.getProperty("os.name").equals("Linux")) {
            throw new IOException("--pty works on Linux only; leave it out for a terminal here");
        }
        if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).startsWith("/dev/pts")) {
            Files.delete(link);
        } else if (Files.exists(link, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(link.toString());
        }
        Libc libc = new Libc();
        int master = libc.call(libc.posixOpenpt, "posix_openpt", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        try (Arena arena = Arena.ofConfined()) {
            libc.call(libc.grantpt, "grantpt", master);
            libc.call(libc.unlockpt, "unlockpt", master);
            MemorySegment name = arena.allocate(256);
            libc.call(libc.ptsname, "ptsname_r", master, name, name.byteSize());
            String device = name.getString(0);
            int slave = libc.call(libc.open, "open", name, O_RDWR | O_NOCTTY | O_CLOEXEC);
            MemorySegment termios = arena.allocate(TERMIOS);
            libc.call(libc.tcgetattr, "tcgetattr", slave, termios);
            libc.makeRaw(termios);
            libc.call(libc.tcsetattr, "tcsetattr", slave, TCSANOW, termios);
            MemorySegment pipe = arena.allocate(JAVA_INT, 2);
            libc.call(libc.pipe2, "pipe2", pipe, O_CLOEXEC);
            int[] wake = {pipe.getAtIndex(JAVA_INT, 0), pipe.getAtIndex(JAVA_INT, 1)};
            Path path = Path.of(device);
            Files.createSymbolicLink(link, path);
            return new PseudoTerminal(libc, master, slave, wake, path, link);
        } catch (IOException failed) {
            libc.call(libc.close, "close", master);
            throw failed;
        }
    }

    /** The device behind the link, such as {@code /dev/pts/3}. */
    Path device() {
        return device;
    }

    @Override
    public int read(byte[] into) throws IOException {
        synchronized (reading) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment buffer = arena.allocate(BUFFER);
                while (ready(arena, POLLIN)) {
                    long count = libc.transfer(libc.read, master, buffer, Math.min(BUFFER, into.length));
                    if (count > 0) {
                        MemorySegment.copy(buffer, JAVA_BYTE, 0, into, 0, (int) count);
                        return (int) count;
                    }
                }
                return -1;
            }
        }
    }

    @Override
    public boolean write(byte[] bytes) throws IOException {
        synchronized (writing) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment buffer = arena.allocate(Math.max(1, bytes.length));
                MemorySegment.copy(bytes, 0, buffer, JAVA_BYTE, 0, bytes.length);
                long done = 0;
                while (done < bytes.length) {
                    if (!ready(arena, POLLOUT)) {
                        return false;
                    }
                    done += libc.transfer(libc.write, master, buffer.asSlice(done), bytes.length - done);
                }
                return true;
            }
        }
    }

    /** Waits until the master is ready or this is closed. */
    private boolean ready(Arena arena, short event) throws IOException {
        MemorySegment polled = arena.allocate(POLLFD, 2);
        Libc.FD.set(polled, 0L, master);
        Libc.EVENTS.set(polled, 0L, event);
        MemorySegment wake = polled.asSlice(POLLFD.byteSize());
        Libc.FD.set(wake, 0L, wakeReader);
        Libc.EVENTS.set(wake, 0L, POLLIN);
        while (!closed) {
            if (libc.poll(polled, 2) > 0) {
                return (short) Libc.REVENTS.get(wake, 0L) == 0;
            }
        }
        return false;
    }

    /** Removes the link, wakes those who wait, and gives the terminal back once they are gone. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(device)) {
            Files.delete(link);
        }
        libc.call(libc.close, "close", wakeWriter);
        synchronized (reading) {
            synchronized (writing) {
                for (int descriptor : new int[] {master, slave, wakeReader}) {
                    libc.call(libc.close, "close", descriptor);
                }
            }
        }
    }

    /** The functions of the C library that are needed. */
    @SuppressWarnings("restricted")
    private static final class Libc {

        static final VarHandle FD = POLLFD.varHandle(MemoryLayout.PathElement.groupElement("fd"));
        static final VarHandle EVENTS = POLLFD.varHandle(MemoryLayout.PathElement.groupElement("events"));
        static final VarHandle REVENTS = POLLFD.varHandle(MemoryLayout.PathElement.groupElement("revents"));

        private static final Linker.Option ERRNO_CAPTURED = Linker.Option.captureCallState("errno");
        private static final StructLayout STATE = Linker.Option.captureStateLayout();
        private static final VarHandle ERRNO =
                STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

        private final Linker linker = Linker.nativeLinker();
        private final MethodHandle strerror = linker.downcallHandle(symbol("strerror"),
                FunctionDescriptor.of(ADDRESS, JAVA_INT));
        private final MethodHandle cfmakeraw = linker.downcallHandle(symbol("cfmakeraw"),
                FunctionDescriptor.ofVoid(ADDRESS));
        private final MethodHandle poll = handle("poll",
                FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
        final MethodHandle posixOpenpt = handle("posix_openpt", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
        final MethodHandle grantpt = handle("grantpt", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
        final MethodHandle unlockpt = handle("unlockpt", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
        final MethodHandle ptsname = handle("ptsname_r",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG));
        final MethodHandle open = linker.downcallHandle(symbol("open"),
                FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), ERRNO_CAPTURED,
                Linker.Option.firstVariadicArg(2));
        final MethodHandle tcgetattr = handle("tcgetattr",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
        final MethodHandle tcsetattr = handle("tcsetattr",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
        final MethodHandle pipe2 = handle("pipe2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
        final MethodHandle close = handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
        final MethodHandle read = handle("read",
                FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
        final MethodHandle write = handle("write",
                FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));

        private MemorySegment symbol(String name) {
            return linker.defaultLookup().findOrThrow(name);
        }

        private MethodHandle handle(String name, FunctionDescriptor descriptor) {
            return linker.downcallHandle(symbol(name), descriptor, ERRNO_CAPTURED);
        }

        /** Calls a function that answers an int, negative (or, of ptsname_r, not zero) when it fails. */
        int call(MethodHandle function, String name, Object... arguments) throws IOException {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment state = arena.allocate(STATE);
                Object[] all = new Object[arguments.length + 1];
                all[0] = state;
                System.arraycopy(arguments, 0, all, 1, arguments.length);
                int result = (int) function.invokeWithArguments(all);
                if (result < 0 || name.equals("ptsname_r") && result != 0) {
                    throw failed(name, (int) ERRNO.get(state, 0L));
                }
                return result;
            } catch (IOException failed) {
                throw failed;
            } catch (Throwable impossible) {
                throw new IllegalStateException(name, impossible);
            }
        }

        void makeRaw(MemorySegment termios) {
            try {
                cfmakeraw.invokeExact(termios);
            } catch (Throwable impossible) {
                throw new IllegalStateException("cfmakeraw", impossible);
            }
        }

        /** Waits without end; 0 if a signal interrupted it. */
        int poll(MemorySegment polled, long count) throws IOException {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment state = arena.allocate(STATE);
                int result = (int) poll.invokeExact(state, polled, count, -1);
                int errno = (int) ERRNO.get(state, 0L);
                if (result < 0 && errno != EINTR) {
                    throw failed("poll", errno);
                }
                return Math.max(0, result);
            } catch (IOException failed) {
                throw failed;
            } catch (Throwable impossible) {
                throw new IllegalStateException("poll", impossible);
            }
        }

        /** Reads or writes; 0 if nothing went through this time. */
        long transfer(MethodHandle function, int descriptor, MemorySegment buffer,
                long count) throws IOException {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment state = arena.allocate(STATE);
                long result = (long) function.invokeExact(state, descriptor, buffer, count);
                int errno = (int) ERRNO.get(state, 0L);
                if (result < 0 && errno != EAGAIN && errno != EINTR) {
                    throw failed("pseudo-terminal", errno);
                }
                return Math.max(0, result);
            } catch (IOException failed) {
                throw failed;
            } catch (Throwable impossible) {
                throw new IllegalStateException("pseudo-terminal", impossible);
            }
        }

        private IOException failed(String what, int errno) throws Throwable {
            MemorySegment text = (MemorySegment) strerror.invokeExact(errno);
            return new IOException("%s: %s".formatted(what, text.reinterpret(256).getString(0)));
        }
    }
}
