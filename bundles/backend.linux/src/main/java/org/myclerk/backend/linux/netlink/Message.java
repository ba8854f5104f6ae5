package org.myclerk.backend.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A netlink message that is being written: a header, and then what the protocol wants; attributes may lie in
 * one another (linux/netlink.h, struct nlmsghdr and nlattr). Numbers are in the machine's byte order.
 */
public final class Message {

    static final int HEADER = 16;
    static final int REQUEST = 0x1;
    static final int ACK = 0x4;

    private static final int CAPACITY = 16_384;
    private static final int NESTED = 0x8000;

    private final ByteBuffer buffer = ByteBuffer.allocate(CAPACITY).order(ByteOrder.nativeOrder());

    /**
     * @param type of the message, of its protocol's numbers
     * @param flags beside {@code NLM_F_REQUEST}
     */
    public Message(int type, int flags) {
        buffer.putInt(0).putShort((short) type).putShort((short) (flags | REQUEST)).putInt(0).putInt(0);
    }

    public Message u8(int value) {
        buffer.put((byte) value);
        return this;
    }

    public Message u16(int value) {
        buffer.putShort((short) value);
        return this;
    }

    public Message u32(int value) {
        buffer.putInt(value);
        return this;
    }

    public Message bytes(byte[] value) {
        buffer.put(value);
        return this;
    }

    /** An attribute of some numbers of 32 bits. */
    public Message attribute(int type, int... values) {
        buffer.putShort((short) (4 + 4 * values.length)).putShort((short) type);
        for (int value : values) {
            buffer.putInt(value);
        }
        return this;
    }

    /** An attribute of text, which ends with a zero. */
    public Message attribute(int type, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        buffer.putShort((short) (5 + bytes.length)).putShort((short) type).put(bytes).put((byte) 0);
        align();
        return this;
    }

    /** Begins an attribute that others lie in. @return what {@link #end} wants */
    public int begin(int type) {
        int start = buffer.position();
        buffer.putShort((short) 0).putShort((short) (type | NESTED));
        return start;
    }

    public Message end(int begun) {
        buffer.putShort(begun, (short) (buffer.position() - begun));
        return this;
    }

    private void align() {
        while (buffer.position() % 4 != 0) {
            buffer.put((byte) 0);
        }
    }

    /** The message, complete with its length. */
    byte[] finish(int sequence, int moreFlags) {
        int length = buffer.position();
        buffer.putInt(0, length);
        buffer.putShort(6, (short) (buffer.getShort(6) | moreFlags));
        buffer.putInt(8, sequence);
        byte[] bytes = new byte[length];
        buffer.get(0, bytes);
        return bytes;
    }
}
