package org.myclerk.op.device;

import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Names a device, says where it stands, and sets its parameters. What is left out stays. */
public record DeviceConfiguration(@Device @Size(min = 1, max = 128) @Help("its id") String device,
        @Size(max = 128) @Help("for people; \"\" for the driver's") Optional<String> name,
        @Size(max = 128) @Help("where it stands; \"\" for none") Optional<String> place,
        @Help("by the names of its settings, see DEVICE_CAPABILITIES") Optional<Fields> settings) {

    /** @throws IllegalArgumentException for a name or a place that would disturb a terminal */
    public DeviceConfiguration {
        if (name.filter(DeviceConfiguration::disturbs).isPresent()
                || place.filter(DeviceConfiguration::disturbs).isPresent()) {
            throw new IllegalArgumentException("a name and a place have no control characters");
        }
    }

    private static boolean disturbs(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }
}
