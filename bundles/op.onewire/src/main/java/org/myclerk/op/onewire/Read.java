package org.myclerk.op.onewire;

import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * Asks for bytes of what is selected.
 *
 * @param crc whether the last byte is the CRC-8 of the others, which is checked
 */
public record Read(@Device @Size(min = 1, max = 128) @Help("id of the bus, as listed") String bus,
        @Range(min = 1, max = 1000) @Help("how many bytes") int length,
        @Help("check the last byte as a CRC-8") Optional<Boolean> crc) {
}
