package org.myclerk.op.spi;

import java.util.Optional;

import org.myclerk.api.payload.Size;

/**
 * A chip select of an SPI bus.
 *
 * @param device its id
 * @param bus the kernel's number of the bus
 * @param chipSelect the number of the chip select on the bus
 * @param place where it sits, for people
 * @param bufferSize how many bytes a transfer may have
 * @param simulated whether no hardware stands behind it
 * @param holder who has it open
 */
public record DeviceEntry(@Size(min = 1, max = 128) String device, int bus, int chipSelect,
        @Size(max = 256) String place, int bufferSize, boolean simulated, Optional<String> holder) {
}
