package org.myclerk.op.i2c;

import org.myclerk.api.payload.WireNumber;

/** The forms of an SMBus command (System Management Bus 3.1, §6.5). */
public enum Protocol implements WireNumber {

    QUICK(0), BYTE(1), BYTE_DATA(2), WORD_DATA(3), PROC_CALL(4), BLOCK_DATA(5), BLOCK_PROC_CALL(6),
    I2C_BLOCK_DATA(7);

    private final int number;

    Protocol(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
