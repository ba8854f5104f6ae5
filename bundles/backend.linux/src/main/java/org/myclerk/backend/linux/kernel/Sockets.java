package org.myclerk.backend.linux.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Sockets of the kernel's own families: CAN, netlink. */
public final class Sockets {

    public static final int SOCK_RAW = 3;
    public static final int SOL_SOCKET = 1;

    private static final int SOCK_CLOEXEC = 0x80000;
    private static final MethodHandle SOCKET =
            Libc.function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle BIND =
            Libc.function("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SETSOCKOPT = Libc.function("setsockopt",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

    private Sockets() {
    }

    /** @param name for messages */
    public static KernelFile open(int domain, int protocol, String name) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment callState = arena.allocate(Libc.CALL_STATE);
            int descriptor = (int) SOCKET.invokeExact(callState, domain, SOCK_RAW | SOCK_CLOEXEC, protocol);
            if (descriptor < 0) {
                throw new KernelException("cannot open a socket for " + name, Libc.errno(callState));
            }
            return KernelFile.adopt(descriptor, name);
        } catch (KernelException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    public static void bind(KernelFile socket, MemorySegment address) throws KernelException {
        socket.call("bind to", (callState, fd) -> (int) BIND.invokeExact(callState, fd, address,
                (int) address.byteSize()));
    }

    public static void option(KernelFile socket, int level, int option, int value) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            option(socket, level, option, arena.allocateFrom(JAVA_INT, value));
        }
    }

    public static void option(KernelFile socket, int level, int option, MemorySegment value)
            throws KernelException {
        socket.call("set option %d of".formatted(option), (callState, fd) ->
                (int) SETSOCKOPT.invokeExact(callState, fd, level, option, value, (int) value.byteSize()));
    }
}
