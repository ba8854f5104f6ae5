package org.myclerk.op.i2c;

import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * One SMBus command.
 *
 * @param read the direction; of no meaning for process calls
 * @param command the command code; the byte itself for {@code byte} in writing direction
 * @param value what is written: a byte or a word
 * @param data what is written: a block
 * @param length of an I2C block that is read; 32 if left out
 */
public record SmbusRequest(@Device @Size(min = 1, max = 128) @Help("id of the bus, as listed") String bus,
        @Range(max = 0x7F) @Help("7-bit address of the target") int address,
        @Help("form of the command") Protocol protocol, @Help("read instead of write") Optional<Boolean> read,
        @Range(max = 0xFF) @Help("command code") Optional<Integer> command,
        @Range(max = 0xFFFF) @Help("byte or word to write") Optional<Integer> value,
        @Size(max = 32) @Help("block to write") Optional<Bytes> data,
        @Range(min = 1, max = 32) @Help("bytes of an I2C block to read") Optional<Integer> length,
        @Help("with a packet error code") Optional<Boolean> pec) {
}
