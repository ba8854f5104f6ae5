package org.myclerk.device.i2c;

import org.myclerk.api.payload.Bytes;

/**
 * One SMBus command (System Management Bus 3.1, §6.5).
 *
 * @param address 7 bits
 * @param read the direction; a process call has none of its own
 * @param command the command code; of {@link Protocol#BYTE} in writing direction the byte itself
 * @param data what is written: a byte, a word (low byte first) or a block
 * @param length how many bytes an I2C block read asks for; of no meaning elsewhere
 * @param pec whether a packet error code is sent and checked
 */
public record SmbusCommand(int address, Protocol protocol, boolean read, int command, Bytes data, int length,
        boolean pec) {

    /** The longest block. */
    public static final int MAX_BLOCK = 32;

    /** The forms that a command has. */
    public enum Protocol { QUICK, BYTE, BYTE_DATA, WORD_DATA, PROC_CALL, BLOCK_DATA, BLOCK_PROC_CALL,
            I2C_BLOCK_DATA }

    /** What the adapter has to be able to do. */
    public I2cFunction needs() {
        return switch (protocol) {
            case QUICK -> I2cFunction.QUICK;
            case BYTE -> read ? I2cFunction.READ_BYTE : I2cFunction.WRITE_BYTE;
            case BYTE_DATA -> read ? I2cFunction.READ_BYTE_DATA : I2cFunction.WRITE_BYTE_DATA;
            case WORD_DATA -> read ? I2cFunction.READ_WORD_DATA : I2cFunction.WRITE_WORD_DATA;
            case PROC_CALL -> I2cFunction.PROC_CALL;
            case BLOCK_DATA -> read ? I2cFunction.READ_BLOCK_DATA : I2cFunction.WRITE_BLOCK_DATA;
            case BLOCK_PROC_CALL -> I2cFunction.BLOCK_PROC_CALL;
            case I2C_BLOCK_DATA -> read ? I2cFunction.READ_I2C_BLOCK : I2cFunction.WRITE_I2C_BLOCK;
        };
    }
}
