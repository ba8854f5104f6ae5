package org.myclerk.device.serial;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.myclerk.api.payload.Fields;
import org.osgi.annotation.versioning.ConsumerType;

/** A serial port that is plugged in; the driver object of a device of kind {@code serial}. Thread-safe. */
@ConsumerType
public interface SerialPort {

    /** What not every port can do. */
    enum Feature {
        /** Has DTR, RTS, CTS, DSR, DCD and RI. */
        CONTROL_LINES,
        BREAK,
        /** The kernel switches the direction of an RS-485 transceiver. */
        RS485
    }

    Set<Feature> features();

    /**
     * The features as properties of the device's description: {@code control-lines}, {@code break},
     * {@code rs485}.
     */
    default Fields properties() {
        Map<String, Boolean> properties = new LinkedHashMap<>();
        for (Feature feature : Feature.values()) {
            properties.put(feature.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                    features().contains(feature));
        }
        return Fields.of(properties);
    }

    /**
     * Opens it for this process alone.
     *
     * @throws IOException if it is gone, in use or not permitted, or cannot be set up so, with the kernel's
     *     reason
     */
    OpenSerialPort open(SerialSettings settings) throws IOException;
}
