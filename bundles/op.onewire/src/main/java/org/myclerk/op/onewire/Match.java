package org.myclerk.op.onewire;

import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * Selects one device (0x55), and can go on to write and read in the same transaction.
 *
 * @param rom 8 bytes as they travel: family, serial number from its lowest byte, CRC-8
 * @param write sent then, such as 0xBE for the scratchpad of a thermometer
 * @param read how many bytes are read after that
 * @param crc whether the last byte read is the CRC-8 of the others, which is checked
 */
public record Match(@Device @Size(min = 1, max = 128) @Help("id of the bus, as listed") String bus,
        @Size(min = 8, max = 8) @Help("ROM code, as found") Bytes rom,
        @Size(min = 1, max = 1000) @Help("bytes to send then") Optional<Bytes> write,
        @Range(min = 1, max = 1000) @Help("bytes to read after that") Optional<Integer> read,
        @Help("check the last byte as a CRC-8") Optional<Boolean> crc) {

    public Match {
        if (crc.orElse(false) && read.isEmpty()) {
            throw new IllegalArgumentException("crc: nothing is read that could have one");
        }
    }
}
