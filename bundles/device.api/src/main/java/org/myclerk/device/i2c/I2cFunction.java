package org.myclerk.device.i2c;

import java.util.EnumSet;
import java.util.Set;

/** What an adapter can do (linux/i2c.h, I2C_FUNC_*); the masks are the kernel's. */
public enum I2cFunction {

    /** Combined transfers of plain messages. */
    I2C(0x00000001),
    TEN_BIT_ADDRESSES(0x00000002),
    PEC(0x00000008),
    BLOCK_PROC_CALL(0x00008000),
    QUICK(0x00010000),
    READ_BYTE(0x00020000),
    WRITE_BYTE(0x00040000),
    READ_BYTE_DATA(0x00080000),
    WRITE_BYTE_DATA(0x00100000),
    READ_WORD_DATA(0x00200000),
    WRITE_WORD_DATA(0x00400000),
    PROC_CALL(0x00800000),
    READ_BLOCK_DATA(0x01000000),
    WRITE_BLOCK_DATA(0x02000000),
    READ_I2C_BLOCK(0x04000000),
    WRITE_I2C_BLOCK(0x08000000);

    private final long mask;

    I2cFunction(long mask) {
        this.mask = mask;
    }

    /** The functions of a mask; bits that have no name here are left out. */
    public static Set<I2cFunction> of(long mask) {
        EnumSet<I2cFunction> functions = EnumSet.noneOf(I2cFunction.class);
        for (I2cFunction function : values()) {
            if ((mask & function.mask) != 0) {
                functions.add(function);
            }
        }
        return functions;
    }

    public long mask() {
        return mask;
    }
}
