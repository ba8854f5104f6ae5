package org.myclerk.device.i2c;

import org.myclerk.api.payload.Bytes;

/**
 * One message of a combined transfer (struct i2c_msg).
 *
 * @param address of the target, 7 bits, or 10
 * @param write what is written, none if it reads
 * @param read how many bytes are read, 0 if it writes
 */
public record I2cMessage(int address, boolean tenBits, Bytes write, int read) {

    /** The longest message that the kernel's i2c-dev takes. */
    public static final int MAX_LENGTH = 8192;

    public I2cMessage {
        if (address < 0 || address > (tenBits ? 0x3FF : 0x7F)) {
            throw new IllegalArgumentException("an address has %d bits, got 0x%02x".formatted(tenBits ? 10
                    : 7, address));
        }
        if (read < 0 || read > 0 && !write.isEmpty()) {
            throw new IllegalArgumentException("a message reads or writes");
        }
        if (read > MAX_LENGTH || write.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a message has at most %d bytes".formatted(MAX_LENGTH));
        }
    }

    public static I2cMessage write(int address, boolean tenBits, Bytes bytes) {
        return new I2cMessage(address, tenBits, bytes, 0);
    }

    public static I2cMessage read(int address, boolean tenBits, int length) {
        return new I2cMessage(address, tenBits, Bytes.EMPTY, length);
    }
}
