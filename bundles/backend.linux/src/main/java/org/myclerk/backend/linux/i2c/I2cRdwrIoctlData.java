package org.myclerk.backend.linux.i2c;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** {@code struct i2c_rdwr_ioctl_data} of linux/i2c-dev.h. */
record I2cRdwrIoctlData(MemorySegment at) {

    static final long I2C_RDWR = 0x0707;

    static final StructLayout LAYOUT = MemoryLayout.structLayout(
            ADDRESS.withName("msgs"),
            JAVA_INT.withName("nmsgs"),
            MemoryLayout.paddingLayout(4)).withName("i2c_rdwr_ioctl_data");

    static I2cRdwrIoctlData in(Arena arena, MemorySegment messages, int count) {
        I2cRdwrIoctlData struct = new I2cRdwrIoctlData(arena.allocate(LAYOUT));
        struct.at.set(ADDRESS, 0, messages);
        struct.at.set(JAVA_INT, 8, count);
        return struct;
    }
}
