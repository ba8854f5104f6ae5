package org.myclerk.api.device;

import java.io.IOException;
import java.util.List;

import org.myclerk.api.payload.Fields;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A driver object with parameters of its own. The registry checks values against {@link #settings}, keeps
 * them, and hands them over again when the device is plugged in. Thread-safe.
 */
@ConsumerType
public interface Configurable {

    List<Setting> settings();

    /** The values in force, one for each setting. */
    Fields values();

    /**
     * Sets some parameters, all of them or none.
     *
     * @param values of the types of their settings
     */
    void configure(Fields values) throws IOException;
}
