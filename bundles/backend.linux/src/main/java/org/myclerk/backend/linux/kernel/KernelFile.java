package org.myclerk.backend.linux.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An open file of the kernel: a device, a socket, a request of lines. Thread-safe. The descriptor is closed
 * when {@link #close} was called and the last call on it is done, so that no call ever meets a number that
 * the kernel has given to somebody else.
 */
public final class KernelFile implements AutoCloseable {

    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_NONBLOCK = 0x800;

    public static final short POLLIN = 0x001;
    public static final short POLLPRI = 0x002;
    public static final short POLLOUT = 0x004;
    public static final short POLLERR = 0x008;
    public static final short POLLHUP = 0x010;

    private static final int O_CLOEXEC = 0x80000;
    private static final int CLOSED = 1 << 31;

    private final int descriptor;
    private final String name;
    /** How many calls are under way; the highest bit once it is to be closed. */
    private final AtomicInteger state = new AtomicInteger();
    private final ReentrantLock waiting = new ReentrantLock();
    /** An eventfd that ends polls when the file is closed; -1 until there was one to end. */
    private int waker = -1;

    /** A system call on a descriptor. */
    @FunctionalInterface
    public interface SystemCall {

        /** @return what the function of {@link Libc} returned, which was given {@code callState} first */
        long on(MemorySegment callState, int descriptor) throws Throwable;
    }

    private KernelFile(int descriptor, String name) {
        this.descriptor = descriptor;
        this.name = name;
    }

    /**
     * Opens a file.
     *
     * @param flags {@link #O_RDONLY}, {@link #O_WRONLY} or {@link #O_RDWR}, and {@link #O_NONBLOCK}
     */
    public static KernelFile open(Path path, int flags) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment file = arena.allocateFrom(path.toString());
            int descriptor = (int) check("cannot open " + path, arena,
                    callState -> (int) Libc.OPEN.invokeExact(callState, file, flags | O_CLOEXEC, 0));
            return new KernelFile(descriptor, path.toString());
        }
    }

    /** Takes over a descriptor that a call gave; it is closed with this object. */
    public static KernelFile adopt(int descriptor, String name) {
        return new KernelFile(descriptor, name);
    }

    /** What was opened, for messages. */
    public String name() {
        return name;
    }

    /**
     * An ioctl(2) with a struct as its argument.
     *
     * @param doing for the message if it fails: {@code set line 3 of}
     * @return what the call returned, 0 or more
     */
    public int ioctl(String doing, long request, MemorySegment argument) throws KernelException {
        return (int) call(doing, (callState, fd) -> (int) Libc.IOCTL_POINTER.invokeExact(callState, fd,
                request, argument));
    }

    /** An ioctl(2) with a number as its argument. */
    public int ioctl(String doing, long request, long argument) throws KernelException {
        return (int) call(doing, (callState, fd) -> (int) Libc.IOCTL_VALUE.invokeExact(callState, fd, request,
                argument));
    }

    /** @return how many bytes were read, 0 at the end */
    public int read(MemorySegment into) throws KernelException {
        return (int) call("read", (callState, fd) -> (long) Libc.READ.invokeExact(callState, fd, into,
                into.byteSize()));
    }

    /** @return how many bytes were written */
    public int write(MemorySegment from) throws KernelException {
        return (int) call("write to", (callState, fd) -> (long) Libc.WRITE.invokeExact(callState, fd, from,
                from.byteSize()));
    }

    /**
     * Any other system call on this file.
     *
     * @param doing for the message if it fails
     * @return what the call returned, 0 or more
     */
    public long call(String doing, SystemCall call) throws KernelException {
        // Not with formatted(), which takes longer than many a call.
        String what = "cannot " + doing + " " + name;
        enter(what);
        try (Arena arena = Arena.ofConfined()) {
            return check(what, arena, callState -> call.on(callState, descriptor));
        } finally {
            leave();
        }
    }

    /**
     * Waits for events. It blocks its thread in the kernel, so that it is called on a platform thread;
     * {@link #close} ends it with an exception.
     *
     * @param events of {@link #POLLIN} and the like; errors are always reported
     * @return what of them there is, 0 after the timeout
     */
    public short poll(short events, Duration timeout) throws KernelException {
        String what = "cannot wait for " + name;
        enter(what);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment polled = arena.allocate(Libc.POLLFD, 2);
            polled.set(JAVA_INT, 0, descriptor);
            polled.set(JAVA_SHORT, 4, events);
            polled.set(JAVA_INT, 8, waker());
            polled.set(JAVA_SHORT, 12, POLLIN);
            int milliseconds = (int) Math.min(Integer.MAX_VALUE, timeout.toMillis());
            check(what, arena, callState -> (int) Libc.POLL.invokeExact(callState, polled, 2L, milliseconds));
            refuseIfClosed(what);
            return polled.get(JAVA_SHORT, 6);
        } finally {
            leave();
        }
    }

    @Override
    public void close() {
        if ((state.getAndUpdate(before -> before | CLOSED) & CLOSED) != 0) {
            return;
        }
        waiting.lock();
        try {
            if (waker >= 0) {
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment one = arena.allocateFrom(JAVA_LONG, 1L);
                    int woken = waker;
                    quietly(arena, callState -> (long) Libc.WRITE.invokeExact(callState, woken, one, 8L));
                }
            }
        } finally {
            waiting.unlock();
        }
        closeIfUnused(state.get());
    }

    private void enter(String what) throws KernelException {
        if (state.getAndUpdate(before -> before < 0 ? before : before + 1) < 0) {
            throw new KernelException(what, Errno.EBADF.number());
        }
    }

    private void leave() {
        closeIfUnused(state.decrementAndGet());
    }

    private void closeIfUnused(int now) {
        // Of close() and the last leave() one finds the state so first, and changes it.
        if (now == CLOSED && state.compareAndSet(CLOSED, CLOSED | 1 << 30)) {
            try (Arena arena = Arena.ofConfined()) {
                close(arena, descriptor);
                if (waker >= 0) {
                    close(arena, waker);
                }
            }
        }
    }

    private static void close(Arena arena, int descriptor) {
        quietly(arena, callState -> (int) Libc.CLOSE.invokeExact(callState, descriptor));
    }

    private void refuseIfClosed(String what) throws KernelException {
        if (state.get() < 0) {
            throw new KernelException(what, Errno.EBADF.number());
        }
    }

    private int waker() throws KernelException {
        waiting.lock();
        try (Arena arena = Arena.ofConfined()) {
            if (waker < 0) {
                waker = (int) check("cannot wait for " + name, arena,
                        callState -> (int) Libc.EVENTFD.invokeExact(callState, 0, O_CLOEXEC));
            }
            refuseIfClosed("cannot wait for " + name);
            return waker;
        } finally {
            waiting.unlock();
        }
    }

    /** A function of {@link Libc}, which says -1 if it failed. */
    private interface Function {

        long call(MemorySegment callState) throws Throwable;
    }

    /** Calls again after a signal, and throws what the call left in errno if it failed. */
    private static long check(String what, Arena arena, Function function) throws KernelException {
        MemorySegment callState = arena.allocate(Libc.CALL_STATE);
        while (true) {
            long result = invoke(function, callState);
            if (result != -1) {
                return result;
            }
            int errno = Libc.errno(callState);
            if (errno != Errno.EINTR.number()) {
                throw new KernelException(what, errno);
            }
        }
    }

    /** For calls whose failure nobody could act on. */
    private static void quietly(Arena arena, Function function) {
        invoke(function, arena.allocate(Libc.CALL_STATE));
    }

    private static long invoke(Function function, MemorySegment callState) {
        try {
            return function.call(callState);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
