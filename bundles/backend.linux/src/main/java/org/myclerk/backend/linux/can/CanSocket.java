package org.myclerk.backend.linux.can;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SequenceLayout;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.payload.Bytes;
import org.myclerk.backend.linux.kernel.Errno;
import org.myclerk.backend.linux.kernel.KernelException;
import org.myclerk.backend.linux.kernel.KernelFile;
import org.myclerk.backend.linux.kernel.Libc;
import org.myclerk.backend.linux.kernel.Sockets;
import org.myclerk.device.DeviceException;
import org.myclerk.device.can.CanFilter;
import org.myclerk.device.can.CanFrame;
import org.myclerk.device.can.CanFrame.Kind;
import org.myclerk.device.can.CanFrame.Origin;
import org.myclerk.device.can.OpenCan;

/**
 * A raw CAN socket (linux/can/raw.h). Up to {@value #BATCH} frames go through one system call, either way.
 * Layouts are those of 64-bit systems.
 */
final class CanSocket implements OpenCan {

    /** {@code struct sockaddr_can} of linux/can.h, without the union that raw sockets do not use. */
    static final StructLayout SOCKADDR_CAN = MemoryLayout.structLayout(JAVA_SHORT.withName("can_family"),
            MemoryLayout.paddingLayout(2), JAVA_INT.withName("can_ifindex"), MemoryLayout.paddingLayout(16))
            .withName("sockaddr_can");
    /** {@code struct can_frame}: the first 16 bytes of a canfd_frame, of other names. */
    static final StructLayout CAN_FRAME = MemoryLayout.structLayout(JAVA_INT.withName("can_id"),
            JAVA_BYTE.withName("len"), JAVA_BYTE.withName("__pad"), JAVA_BYTE.withName("__res0"),
            JAVA_BYTE.withName("len8_dlc"), MemoryLayout.sequenceLayout(8, JAVA_BYTE).withName("data"))
            .withName("can_frame");
    /** {@code struct canfd_frame}. */
    static final StructLayout CANFD_FRAME = MemoryLayout.structLayout(JAVA_INT.withName("can_id"),
            JAVA_BYTE.withName("len"), JAVA_BYTE.withName("flags"), JAVA_BYTE.withName("__res0"),
            JAVA_BYTE.withName("__res1"), MemoryLayout.sequenceLayout(64, JAVA_BYTE).withName("data"))
            .withName("canfd_frame");
    /** {@code struct can_filter}. */
    static final StructLayout CAN_FILTER = MemoryLayout.structLayout(JAVA_INT.withName("can_id"),
            JAVA_INT.withName("can_mask")).withName("can_filter");
    /** {@code struct iovec}. */
    static final StructLayout IOVEC = MemoryLayout.structLayout(ADDRESS.withName("iov_base"),
            JAVA_LONG.withName("iov_len")).withName("iovec");
    /** {@code struct msghdr}. */
    static final StructLayout MSGHDR = MemoryLayout.structLayout(ADDRESS.withName("msg_name"),
            JAVA_INT.withName("msg_namelen"), MemoryLayout.paddingLayout(4), ADDRESS.withName("msg_iov"),
            JAVA_LONG.withName("msg_iovlen"), ADDRESS.withName("msg_control"),
            JAVA_LONG.withName("msg_controllen"),
            JAVA_INT.withName("msg_flags"), MemoryLayout.paddingLayout(4)).withName("msghdr");
    /** {@code struct mmsghdr}. */
    static final StructLayout MMSGHDR = MemoryLayout.structLayout(MSGHDR.withName("msg_hdr"),
            JAVA_INT.withName("msg_len"), MemoryLayout.paddingLayout(4)).withName("mmsghdr");

    static final int AF_CAN = 29;
    static final int CAN_RAW = 1;
    static final int SOL_CAN_RAW = 101;
    static final int CAN_RAW_FILTER = 1;
    static final int CAN_RAW_ERR_FILTER = 2;
    static final int CAN_RAW_RECV_OWN_MSGS = 4;
    static final int CAN_RAW_FD_FRAMES = 5;
    static final int CAN_RAW_JOIN_FILTERS = 6;
    static final int CAN_EFF_FLAG = 0x8000_0000;
    static final int CAN_RTR_FLAG = 0x4000_0000;
    static final int CAN_ERR_FLAG = 0x2000_0000;
    static final int CAN_INV_FILTER = 0x2000_0000;
    static final int CAN_EFF_MASK = 0x1FFF_FFFF;
    static final int CANFD_BRS = 1;
    static final int CANFD_ESI = 2;
    static final int SO_RCVBUF = 8;
    static final int SO_RCVBUFFORCE = 33;
    static final int SO_TIMESTAMPNS = 35;
    static final int SO_RXQ_OVFL = 40;
    static final int MSG_DONTROUTE = 0x4;
    static final int MSG_DONTWAIT = 0x40;
    static final int MSG_CONFIRM = 0x800;

    private static final int BATCH = 64;
    /** Two of struct cmsghdr with a timespec and a count, each aligned to 8 bytes. */
    private static final int CONTROL = 64;
    private static final int CMSG_HEADER = 16;
    private static final int MEMBER_LEN = 4;
    private static final int MEMBER_FLAGS = 5;
    private static final int MEMBER_LEN8_DLC = 7;
    private static final int MEMBER_DATA = 8;
    /** Some 10,000 frames, more than a second of a full bus at 1 Mbit/s. */
    private static final int RECEIVE_BUFFER = 8 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final long PAUSE_NANOS = 300_000;

    private static final MethodHandle RECVMMSG = Libc.function("recvmmsg",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle SENDMMSG = Libc.function("sendmmsg",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));

    private final KernelFile socket;
    private final String name;
    private final Up up;
    private final Batch incoming = new Batch(true);
    private final Batch outgoing = new Batch(false);
    private final ReentrantLock receiving = new ReentrantLock();
    private final ReentrantLock sending = new ReentrantLock();
    /** What the kernel has counted as dropped, modulo 2^32. */
    private int dropped;

    /** Tells of an interface that went down. */
    interface Up {

        /**
         * Whether it is up again; a change of settings under way is waited for.
         *
         * @throws KernelException if it is gone
         */
        boolean again() throws KernelException;
    }

    /** Messages with room for a frame each; memory that lives as long as somebody uses it. */
    private static final class Batch {

        private final MemorySegment headers;
        private final MemorySegment vectors;
        private final MemorySegment frames;
        private final MemorySegment controls;

        Batch(boolean controlled) {
            Arena arena = Arena.ofAuto();
            headers = arena.allocate(MMSGHDR, BATCH);
            vectors = arena.allocate(IOVEC, BATCH);
            frames = arena.allocate(CANFD_FRAME, BATCH);
            controls = arena.allocate((long) CONTROL * BATCH, 8);
            for (int i = 0; i < BATCH; i++) {
                MemorySegment vector = vectors.asSlice(i * IOVEC.byteSize(), IOVEC.byteSize());
                vector.set(ADDRESS, 0, frame(i));
                vector.set(JAVA_LONG, 8, CANFD_FRAME.byteSize());
                MemorySegment header = header(i);
                header.set(ADDRESS, 16, vector);
                header.set(JAVA_LONG, 24, 1);
                if (controlled) {
                    header.set(ADDRESS, 32, control(i));
                }
            }
        }

        MemorySegment header(int i) {
            return headers.asSlice(i * MMSGHDR.byteSize(), MMSGHDR.byteSize());
        }

        MemorySegment frame(int i) {
            return frames.asSlice(i * CANFD_FRAME.byteSize(), CANFD_FRAME.byteSize());
        }

        MemorySegment control(int i) {
            return controls.asSlice((long) i * CONTROL, CONTROL);
        }

        void length(int i, int bytes) {
            vectors.set(JAVA_LONG, i * IOVEC.byteSize() + 8, bytes);
        }
    }

    private CanSocket(KernelFile socket, String name, Up up) {
        this.socket = socket;
        this.name = name;
        this.up = up;
    }

    /** @param up asked when the interface went down */
    static CanSocket open(String name, int index, boolean ownFrames, Up up) throws KernelException {
        KernelFile socket = Sockets.open(AF_CAN, CAN_RAW, name);
        try (Arena arena = Arena.ofConfined()) {
            Sockets.option(socket, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, 1);
            Sockets.option(socket, SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, ownFrames ? 1 : 0);
            Sockets.option(socket, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, CAN_EFF_MASK);
            Sockets.option(socket, Sockets.SOL_SOCKET, SO_TIMESTAMPNS, 1);
            Sockets.option(socket, Sockets.SOL_SOCKET, SO_RXQ_OVFL, 1);
            try {
                Sockets.option(socket, Sockets.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
            } catch (KernelException unprivileged) {
                Sockets.option(socket, Sockets.SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
            }
            MemorySegment address = arena.allocate(SOCKADDR_CAN);
            address.set(JAVA_SHORT, 0, (short) AF_CAN);
            address.set(JAVA_INT, 4, index);
            Sockets.bind(socket, address);
            return new CanSocket(socket, name, up);
        } catch (KernelException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public Received receive(int max, Duration timeout) throws DeviceException, InterruptedException {
        receiving.lockInterruptibly();
        try {
            long end = System.nanoTime() + timeout.toNanos();
            while (true) {
                Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
                if (socket.poll(KernelFile.POLLIN, left) == 0) {
                    return new Received(List.of(), 0);
                }
                int count = take(Math.min(max, BATCH));
                if (count > 0) {
                    return read(count);
                }
            }
        } finally {
            receiving.unlock();
        }
    }

    /** @return 0 if there was nothing after all */
    private int take(int max) throws KernelException {
        for (int i = 0; i < max; i++) {
            incoming.header(i).set(JAVA_LONG, 40, CONTROL);
        }
        try {
            return (int) socket.call("receive from", (callState, fd) -> (int) RECVMMSG.invokeExact(callState,
                    fd, incoming.headers, max, MSG_DONTWAIT, MemorySegment.NULL));
        } catch (KernelException e) {
            if (e.is(Errno.EAGAIN) || e.is(Errno.ENETDOWN) && up.again()) {
                return 0;
            }
            throw e;
        }
    }

    private Received read(int count) {
        List<CanFrame> frames = new ArrayList<>(count);
        int before = dropped;
        for (int i = 0; i < count; i++) {
            frames.add(frame(incoming.header(i), incoming.frame(i), nanos(i)));
        }
        return new Received(frames, Integer.toUnsignedLong(dropped - before));
    }

    /** The time in the control messages; the count of drops is kept. */
    private long nanos(int i) {
        MemorySegment control = incoming.control(i);
        long length = incoming.header(i).get(JAVA_LONG, 40);
        long nanos = 0;
        long at = 0;
        while (at + CMSG_HEADER <= length) {
            long size = control.get(JAVA_LONG, at);
            int type = control.get(JAVA_INT, at + 12);
            if (size < CMSG_HEADER || control.get(JAVA_INT, at + 8) != Sockets.SOL_SOCKET) {
                break;
            }
            if (type == SO_TIMESTAMPNS) {
                nanos = control.get(JAVA_LONG, at + CMSG_HEADER) * 1_000_000_000L
                        + control.get(JAVA_LONG, at + CMSG_HEADER + 8);
            } else if (type == SO_RXQ_OVFL) {
                dropped = control.get(JAVA_INT, at + CMSG_HEADER);
            }
            at += size + 7 & ~7L;
        }
        return nanos;
    }

    private static CanFrame frame(MemorySegment header, MemorySegment frame, long nanos) {
        int id = frame.get(JAVA_INT, 0);
        int length = frame.get(JAVA_BYTE, MEMBER_LEN) & 0xFF;
        int flags = header.get(JAVA_INT, 48);
        Origin origin = (flags & MSG_CONFIRM) != 0 ? Origin.OWN
                : (flags & MSG_DONTROUTE) != 0 ? Origin.MACHINE : Origin.BUS;
        boolean fd = header.get(JAVA_INT, MSGHDR.byteSize()) == CANFD_FRAME.byteSize();
        Kind kind = (id & CAN_ERR_FLAG) != 0 ? Kind.ERROR : fd ? Kind.FD
                : (id & CAN_RTR_FLAG) != 0 ? Kind.REMOTE : Kind.CLASSIC;
        int longer = fd ? 0 : frame.get(JAVA_BYTE, MEMBER_LEN8_DLC);
        int dlc = length == 8 && longer > 8 && longer <= 15 ? longer : CanFrame.dlc(Kind.FD, length);
        byte[] data = new byte[kind == Kind.REMOTE ? 0 : length];
        MemorySegment.copy(frame, JAVA_BYTE, MEMBER_DATA, data, 0, data.length);
        int fdFlags = fd ? frame.get(JAVA_BYTE, MEMBER_FLAGS) : 0;
        return new CanFrame(kind, id & CAN_EFF_MASK, (id & CAN_EFF_FLAG) != 0, (fdFlags & CANFD_BRS) != 0,
                (fdFlags & CANFD_ESI) != 0, dlc, Bytes.wrap(data), nanos, origin);
    }

    @Override
    public void send(List<CanFrame> frames) throws DeviceException, InterruptedException {
        sending.lockInterruptibly();
        try {
            int done = 0;
            long progress = System.nanoTime();
            while (done < frames.size()) {
                int count = Math.min(BATCH, frames.size() - done);
                for (int i = 0; i < count; i++) {
                    write(frames.get(done + i), i);
                }
                int taken = hand(count, done, frames);
                done += taken;
                if (taken > 0) {
                    progress = System.nanoTime();
                } else if (System.nanoTime() - progress > PATIENCE.toNanos()) {
                    throw new DeviceException(ErrorCode.TIMEOUT,
                            ("%s takes no frame for %d s, %d of %d were taken: "
                            + "nobody acknowledges, or it is bus-off")
                            .formatted(name, PATIENCE.toSeconds(), done, frames.size()));
                } else if (Thread.interrupted()) {
                    throw new InterruptedException();
                } else {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        } finally {
            sending.unlock();
        }
    }

    private void write(CanFrame frame, int i) {
        MemorySegment out = outgoing.frame(i);
        boolean fd = frame.kind() == Kind.FD;
        out.set(JAVA_INT, 0, frame.id() | (frame.extended() ? CAN_EFF_FLAG : 0)
                | (frame.kind() == Kind.REMOTE ? CAN_RTR_FLAG : 0));
        out.set(JAVA_INT, 4, 0);
        out.set(JAVA_BYTE, MEMBER_LEN, (byte) (fd ? frame.data().length() : Math.min(8, frame.dlc())));
        if (fd) {
            out.set(JAVA_BYTE, MEMBER_FLAGS, (byte) ((frame.bitRateSwitch() ? CANFD_BRS : 0)
                    | (frame.errorState() ? CANFD_ESI : 0)));
        } else if (frame.dlc() > 8) {
            out.set(JAVA_BYTE, MEMBER_LEN8_DLC, (byte) frame.dlc());
        }
        byte[] data = frame.data().toArray();
        MemorySegment.copy(data, 0, out, JAVA_BYTE, MEMBER_DATA, data.length);
        outgoing.length(i, (int) (fd ? CANFD_FRAME : CAN_FRAME).byteSize());
    }

    /** @return how many were taken, 0 if there is no room now */
    private int hand(int count, int done, List<CanFrame> frames) throws DeviceException {
        try {
            return (int) socket.call("send to", (callState, fd) -> (int) SENDMMSG.invokeExact(callState, fd,
                    outgoing.headers, count, MSG_DONTWAIT));
        } catch (KernelException e) {
            if (e.is(Errno.EAGAIN) || e.is(Errno.ENOBUFS) || e.is(Errno.ENETDOWN) && up.again()) {
                return 0;
            }
            if (e.is(Errno.EINVAL) && frames.get(done).kind() == Kind.FD) {
                throw e.saying("%s carries classic frames only, configure mode fd; %d of %d frames were taken"
                        .formatted(name, done, frames.size()));
            }
            throw e.saying("cannot send to %s, %d of %d frames were taken".formatted(name, done,
                    frames.size()));
        }
    }

    @Override
    public void filter(List<CanFilter> filters, boolean all) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            SequenceLayout layout = MemoryLayout.sequenceLayout(Math.max(1, filters.size()), CAN_FILTER);
            MemorySegment array = arena.allocate(layout);
            for (int i = 0; i < filters.size(); i++) {
                CanFilter filter = filters.get(i);
                array.set(JAVA_INT, 8L * i, filter.id() | flag(filter.format(), CAN_EFF_FLAG)
                        | flag(filter.remote(), CAN_RTR_FLAG) | (filter.inverted() ? CAN_INV_FILTER : 0));
                array.set(JAVA_INT, 8L * i + 4, filter.mask() | counts(filter.format(), CAN_EFF_FLAG)
                        | counts(filter.remote(), CAN_RTR_FLAG));
            }
            Sockets.option(socket, SOL_CAN_RAW, CAN_RAW_JOIN_FILTERS, all ? 1 : 0);
            Sockets.option(socket, SOL_CAN_RAW, CAN_RAW_FILTER, array);
        }
    }

    private static int flag(CanFilter.Which which, int bit) {
        return which == CanFilter.Which.YES ? bit : 0;
    }

    private static int counts(CanFilter.Which which, int bit) {
        return which == CanFilter.Which.EITHER ? 0 : bit;
    }

    @Override
    public void close() {
        socket.close();
    }
}
