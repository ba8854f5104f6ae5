package org.myclerk.backend.linux.i2c;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

import org.myclerk.api.payload.Bytes;
import org.myclerk.device.i2c.SmbusCommand;
import org.myclerk.device.i2c.SmbusCommand.Protocol;

/**
 * {@code struct i2c_smbus_ioctl_data} of linux/i2c-dev.h with the {@code union i2c_smbus_data} it points to:
 * a byte, a word, or a block with its length before it and a byte to spare for the packet error code.
 */
record I2cSmbusIoctlData(MemorySegment at, MemorySegment data) {

    static final long I2C_SMBUS = 0x0720;

    static final StructLayout LAYOUT = MemoryLayout.structLayout(
            JAVA_BYTE.withName("read_write"),
            JAVA_BYTE.withName("command"),
            MemoryLayout.paddingLayout(2),
            JAVA_INT.withName("size"),
            ADDRESS.withName("data")).withName("i2c_smbus_ioctl_data");

    /** Of the union. */
    static final long DATA_SIZE = SmbusCommand.MAX_BLOCK + 2L;

    static I2cSmbusIoctlData in(Arena arena, SmbusCommand command) {
        I2cSmbusIoctlData struct = new I2cSmbusIoctlData(arena.allocate(LAYOUT),
                arena.allocate(DATA_SIZE, 2));
        struct.at.set(JAVA_BYTE, 0, (byte) (command.read() ? 1 : 0));
        struct.at.set(JAVA_BYTE, 1, (byte) command.command());
        struct.at.set(JAVA_INT, 4, size(command.protocol()));
        struct.at.set(ADDRESS, 8, struct.data);
        struct.put(command);
        return struct;
    }

    /** I2C_SMBUS_QUICK and its like. */
    static int size(Protocol protocol) {
        return switch (protocol) {
            case QUICK -> 0;
            case BYTE -> 1;
            case BYTE_DATA -> 2;
            case WORD_DATA -> 3;
            case PROC_CALL -> 4;
            case BLOCK_DATA -> 5;
            case BLOCK_PROC_CALL -> 7;
            case I2C_BLOCK_DATA -> 8;
        };
    }

    private void put(SmbusCommand command) {
        byte[] bytes = command.data().toArray();
        switch (command.protocol()) {
            case BLOCK_DATA, BLOCK_PROC_CALL, I2C_BLOCK_DATA -> {
                data.set(JAVA_BYTE, 0, (byte) (command.read() ? command.length() : bytes.length));
                MemorySegment.copy(bytes, 0, data, JAVA_BYTE, 1, bytes.length);
            }
            case QUICK, BYTE, BYTE_DATA, WORD_DATA, PROC_CALL ->
                MemorySegment.copy(bytes, 0, data, JAVA_BYTE, 0, bytes.length);
        }
    }

    /** What came back. A word lies in the order of the machine, which is the bus's, low byte first. */
    Bytes answer(SmbusCommand command) {
        return switch (command.protocol()) {
            case QUICK -> Bytes.EMPTY;
            case BYTE, BYTE_DATA -> command.read() ? take(0, 1) : Bytes.EMPTY;
            case WORD_DATA -> command.read() ? take(0, 2) : Bytes.EMPTY;
            case PROC_CALL -> take(0, 2);
            case BLOCK_DATA, I2C_BLOCK_DATA -> command.read() ? take(1, length()) : Bytes.EMPTY;
            case BLOCK_PROC_CALL -> take(1, length());
        };
    }

    private int length() {
        return Math.min(SmbusCommand.MAX_BLOCK, Byte.toUnsignedInt(data.get(JAVA_BYTE, 0)));
    }

    private Bytes take(int from, int length) {
        return Bytes.wrap(data.asSlice(from, length).toArray(JAVA_BYTE));
    }
}
