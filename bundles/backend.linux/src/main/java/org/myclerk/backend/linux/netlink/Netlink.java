package org.myclerk.backend.linux.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

import org.myclerk.backend.linux.kernel.Errno;
import org.myclerk.backend.linux.kernel.KernelException;
import org.myclerk.backend.linux.kernel.KernelFile;
import org.myclerk.backend.linux.kernel.Sockets;

/**
 * A netlink socket. One exchange at a time; the answers of the kernel are waited for on the calling thread.
 */
public final class Netlink implements AutoCloseable {

    public static final int ROUTE = 0;
    public static final int CONNECTOR = 11;

    /** {@code struct sockaddr_nl} of linux/netlink.h. */
    static final StructLayout SOCKADDR_NL = MemoryLayout.structLayout(JAVA_SHORT.withName("nl_family"),
            JAVA_SHORT.withName("nl_pad"), JAVA_INT.withName("nl_pid"), JAVA_INT.withName("nl_groups"))
            .withName("sockaddr_nl");

    static final int AF_NETLINK = 16;
    static final int SOL_NETLINK = 270;
    static final int NETLINK_EXT_ACK = 11;
    static final int NLMSG_ERROR = 2;
    static final int NLMSG_DONE = 3;
    static final int NLMSG_MIN_TYPE = 0x10;
    static final int NLM_F_CAPPED = 0x100;
    static final int NLM_F_ACK_TLVS = 0x200;
    static final int NLMSGERR_ATTR_MSG = 1;

    private static final int BUFFER = 65_536;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final KernelFile socket;
    private int sequence;

    private Netlink(KernelFile socket) {
        this.socket = socket;
    }

    /** @param protocol {@link #ROUTE} or {@link #CONNECTOR} */
    public static Netlink open(int protocol, String name) throws KernelException {
        KernelFile socket = Sockets.open(AF_NETLINK, protocol, name);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(SOCKADDR_NL);
            address.set(JAVA_SHORT, 0, (short) AF_NETLINK);
            Sockets.bind(socket, address);
            if (protocol == ROUTE) {
                Sockets.option(socket, SOL_NETLINK, NETLINK_EXT_ACK, 1);
            }
            return new Netlink(socket);
        } catch (KernelException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Asks, and takes all messages of the answer.
     *
     * @param doing for the message if it is refused: {@code set up can0}
     */
    public synchronized List<ByteBuffer> ask(String doing, Message message) throws KernelException {
        int mine = send(message, Message.ACK);
        List<ByteBuffer> answers = new ArrayList<>();
        while (true) {
            ByteBuffer datagram = receive(doing);
            while (datagram.remaining() >= Message.HEADER) {
                int start = datagram.position();
                int length = datagram.getInt(start);
                if (length < Message.HEADER || length > datagram.remaining()) {
                    throw new KernelException("cannot " + doing, Errno.EBADMSG.number());
                }
                ByteBuffer one = datagram.slice(start, length).order(ByteOrder.nativeOrder());
                datagram.position(Math.min(datagram.limit(), start + (length + 3 & ~3)));
                if (one.getInt(8) != mine) {
                    continue;
                }
                int type = Short.toUnsignedInt(one.getShort(4));
                if (type == NLMSG_ERROR) {
                    refuse(doing, one);
                    return answers;
                }
                if (type == NLMSG_DONE) {
                    return answers;
                }
                if (type >= NLMSG_MIN_TYPE) {
                    answers.add(one);
                }
            }
        }
    }

    /** Sends a message of a protocol without acknowledgements, and takes messages until one ends it. */
    public synchronized void converse(String doing, Message message, Predicate<ByteBuffer> last)
            throws KernelException {
        send(message, 0);
        while (true) {
            ByteBuffer datagram = receive(doing);
            while (datagram.remaining() >= Message.HEADER) {
                int start = datagram.position();
                int length = datagram.getInt(start);
                if (length < Message.HEADER || length > datagram.remaining()) {
                    throw new KernelException("cannot " + doing, Errno.EBADMSG.number());
                }
                ByteBuffer body = datagram.slice(start + Message.HEADER, length - Message.HEADER)
                        .order(ByteOrder.nativeOrder());
                datagram.position(Math.min(datagram.limit(), start + (length + 3 & ~3)));
                if (last.test(body)) {
                    return;
                }
            }
        }
    }

    private int send(Message message, int flags) throws KernelException {
        int mine = ++sequence;
        byte[] bytes = message.finish(mine, flags);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(bytes.length);
            out.copyFrom(MemorySegment.ofArray(bytes));
            socket.write(out);
        }
        return mine;
    }

    private ByteBuffer receive(String doing) throws KernelException {
        if (socket.poll(KernelFile.POLLIN, PATIENCE) == 0) {
            throw new KernelException("cannot " + doing, Errno.ETIMEDOUT.number());
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment in = arena.allocate(BUFFER);
            int length = socket.read(in);
            return ByteBuffer.wrap(in.asSlice(0, length).toArray(JAVA_BYTE)).order(ByteOrder.nativeOrder());
        }
    }

    /**
     * An acknowledgement is an error with the number 0 (struct nlmsgerr); the kernel may add words of its
     * own.
     */
    private static void refuse(String doing, ByteBuffer error) throws KernelException {
        int number = -error.getInt(Message.HEADER);
        if (number == 0) {
            return;
        }
        int flags = error.getShort(6);
        String words = "";
        if ((flags & NLM_F_ACK_TLVS) != 0) {
            int request = (flags & NLM_F_CAPPED) != 0 ? Message.HEADER : error.getInt(Message.HEADER + 4);
            int from = Message.HEADER + 4 + (request + 3 & ~3);
            if (from < error.limit()) {
                words = new Attributes(error.slice(from, error.limit() - from)).text(NLMSGERR_ATTR_MSG);
            }
        }
        throw new KernelException("cannot %s%s".formatted(doing,
                words.isEmpty() ? "" : " (%s)".formatted(words)),
                number);
    }

    @Override
    public void close() {
        socket.close();
    }
}
