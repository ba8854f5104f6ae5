package org.myclerk.op.i2c;

import org.myclerk.api.payload.WireNumber;

/** What an adapter can do (linux/i2c.h, I2C_FUNC_*). */
public enum Function implements WireNumber {

    I2C(0), TEN_BIT_ADDRESSES(1), PEC(2), BLOCK_PROC_CALL(3), QUICK(4), READ_BYTE(5), WRITE_BYTE(6),
    READ_BYTE_DATA(7), WRITE_BYTE_DATA(8), READ_WORD_DATA(9), WRITE_WORD_DATA(10), PROC_CALL(11),
    READ_BLOCK_DATA(12), WRITE_BLOCK_DATA(13), READ_I2C_BLOCK(14), WRITE_I2C_BLOCK(15);

    private final int number;

    Function(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
