package org.myclerk.device.spi;

import java.util.List;

import org.myclerk.api.payload.Bytes;
import org.myclerk.device.DeviceException;
import org.osgi.annotation.versioning.ConsumerType;

/** An SPI device in use. Thread-safe; transfers take turns. */
@ConsumerType
public interface OpenSpiDevice extends AutoCloseable {

    SpiSettings settings();

    /** Changes all settings; if that fails those before stay in force. */
    void configure(SpiSettings settings) throws DeviceException;

    /**
     * One transfer: chip select is active over all segments, unless one of them says otherwise.
     *
     * @param segments 1 or more, together at most {@link SpiDevice#bufferSize} bytes
     * @return what came in, for each segment
     */
    List<Bytes> transfer(List<SpiSegment> segments) throws DeviceException;

    /** Gives the device back. Closing twice is harmless. */
    @Override
    void close();
}
