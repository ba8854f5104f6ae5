package org.myclerk.backend.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The attributes of a message, or those within one (linux/netlink.h, struct nlattr), by their numbers. */
public final class Attributes {

    private static final int HEADER = 4;
    private static final int TYPE = 0x3FFF;

    private final Map<Integer, ByteBuffer> values = new HashMap<>();

    /** Reads to the end; what is cut short is left out. */
    public Attributes(ByteBuffer bytes) {
        ByteBuffer in = bytes.duplicate().order(ByteOrder.nativeOrder());
        while (in.remaining() >= HEADER) {
            int start = in.position();
            int length = Short.toUnsignedInt(in.getShort());
            int type = in.getShort() & TYPE;
            if (length < HEADER || length > in.remaining() + HEADER) {
                return;
            }
            values.put(type, in.slice(start + HEADER, length - HEADER).order(ByteOrder.nativeOrder()));
            in.position(Math.min(in.limit(), start + (length + 3 & ~3)));
        }
    }

    /** Whether there is one with that many bytes at least. */
    public boolean has(int type, int bytes) {
        ByteBuffer value = values.get(type);
        return value != null && value.remaining() >= bytes;
    }

    /** The value of an attribute, empty if there is none. */
    public ByteBuffer value(int type) {
        return values.getOrDefault(type, ByteBuffer.allocate(0).order(ByteOrder.nativeOrder()));
    }

    /** The attributes within one. */
    public Attributes within(int type) {
        return new Attributes(value(type));
    }

    /** The n-th number of 32 bits in an attribute, 0 if there is none. */
    public int u32(int type, int n) {
        ByteBuffer value = value(type);
        return value.remaining() < 4 * (n + 1) ? 0 : value.getInt(4 * n);
    }

    /** The n-th number of 64 bits in an attribute, 0 if there is none. */
    public long u64(int type, int n) {
        ByteBuffer value = value(type);
        return value.remaining() < 8 * (n + 1) ? 0 : value.getLong(8 * n);
    }

    /** The text of an attribute, empty if there is none. */
    public String text(int type) {
        byte[] bytes = new byte[value(type).remaining()];
        value(type).get(0, bytes);
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }
}
