package org.myclerk.backend.linux.i2c;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

import org.myclerk.device.i2c.I2cMessage;

/** {@code struct i2c_msg} of linux/i2c.h. */
record I2cMsg(MemorySegment at) {

    static final short I2C_M_RD = 0x0001;
    static final short I2C_M_TEN = 0x0010;

    static final StructLayout LAYOUT = MemoryLayout.structLayout(
            JAVA_SHORT.withName("addr"),
            JAVA_SHORT.withName("flags"),
            JAVA_SHORT.withName("len"),
            MemoryLayout.paddingLayout(2),
            ADDRESS.withName("buf")).withName("i2c_msg");

    private static final long FLAGS = LAYOUT.byteOffset(groupElement("flags"));
    private static final long LEN = LAYOUT.byteOffset(groupElement("len"));
    private static final long BUF = LAYOUT.byteOffset(groupElement("buf"));

    /** @return the buffer that is written or read into */
    MemorySegment fill(Arena arena, I2cMessage message) {
        boolean reads = message.read() > 0;
        int length = reads ? message.read() : message.write().length();
        MemorySegment buffer = arena.allocate(Math.max(1, length));
        if (!reads) {
            buffer.asSlice(0, length).copyFrom(MemorySegment.ofArray(message.write().toArray()));
        }
        at.set(JAVA_SHORT, 0, (short) message.address());
        at.set(JAVA_SHORT, FLAGS, (short) ((reads ? I2C_M_RD : 0) | (message.tenBits() ? I2C_M_TEN : 0)));
        at.set(JAVA_SHORT, LEN, (short) length);
        at.set(ADDRESS, BUF, buffer);
        return buffer;
    }
}
