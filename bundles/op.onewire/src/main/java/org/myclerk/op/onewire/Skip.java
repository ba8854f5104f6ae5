package org.myclerk.op.onewire;

import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * Selects all devices at once (0xCC), and can go on to write and read in the same transaction. Reading makes
 * sense with a single device only.
 *
 * @param write sent then, such as 0x44 to have all thermometers measure
 * @param read how many bytes are read after that
 * @param crc whether the last byte read is the CRC-8 of the others, which is checked
 */
public record Skip(@Device @Size(min = 1, max = 128) @Help("id of the bus, as listed") String bus,
        @Size(min = 1, max = 1000) @Help("bytes to send then") Optional<Bytes> write,
        @Range(min = 1, max = 1000) @Help("bytes to read after that") Optional<Integer> read,
        @Help("check the last byte as a CRC-8") Optional<Boolean> crc) {

    public Skip {
        if (crc.orElse(false) && read.isEmpty()) {
            throw new IllegalArgumentException("crc: nothing is read that could have one");
        }
    }
}
