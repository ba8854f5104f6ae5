package org.myclerk.device.spi;

import java.util.Map;

import org.myclerk.api.payload.Fields;
import org.myclerk.device.DeviceException;
import org.osgi.annotation.versioning.ConsumerType;

/** A chip select of an SPI bus; the driver object of a device of kind {@code spi}. Thread-safe. */
@ConsumerType
public interface SpiDevice {

    int bus();

    int chipSelect();

    /** How many bytes the segments of one transfer may have together. */
    int bufferSize();

    /**
     * The same as properties of the device's description: {@code bus}, {@code chip-select},
     * {@code buffer-size}.
     */
    default Fields properties() {
        return Fields.of(Map.of("bus", bus(), "chip-select", chipSelect(), "buffer-size", bufferSize()));
    }

    /** How it is set up until it is opened. */
    SpiSettings settings() throws DeviceException;

    /** @throws DeviceException also if the controller cannot run it so */
    OpenSpiDevice open(SpiSettings settings) throws DeviceException;
}
