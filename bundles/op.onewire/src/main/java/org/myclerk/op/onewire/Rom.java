package org.myclerk.op.onewire;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * The ROM code of a device, whose CRC is right.
 *
 * @param rom 8 bytes as they travel: family, serial number from its lowest byte, CRC-8
 * @param family its first byte, such as 0x28 for a DS18B20
 * @param name as people and Linux write it: {@code 28-0000066a1f2c}
 */
public record Rom(@Size(min = 8, max = 8) Bytes rom, @Range(max = 255) int family,
        @Size(max = 15) String name) {
}
