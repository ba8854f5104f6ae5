package org.myclerk.devices;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.payload.Fields;

/** What was set about one device; also what is kept. */
public record Label(Optional<String> name, Optional<String> place, Fields values) {

    static final Label NONE = new Label(Optional.empty(), Optional.empty(), Fields.NONE);

    /** Whether an administrator has marked the device as one that gives physical access. */
    boolean physicalAccess() {
        return Boolean.TRUE.equals(values.toMap().get(DeviceInfo.PHYSICAL_ACCESS));
    }

    /** The parameters of the driver. */
    Fields parameters() {
        Map<String, Object> all = new LinkedHashMap<>(values.toMap());
        all.remove(DeviceInfo.PHYSICAL_ACCESS);
        return Fields.of(all);
    }

    /** With what is set now; an empty name or place removes it, and so does no mark. */
    Label with(Optional<String> newName, Optional<String> newPlace, Fields more) {
        Map<String, Object> all = new LinkedHashMap<>(values.toMap());
        all.putAll(more.toMap());
        all.remove(DeviceInfo.PHYSICAL_ACCESS, false);
        return new Label(newName.or(() -> name).filter(text -> !text.isEmpty()),
                newPlace.or(() -> place).filter(text -> !text.isEmpty()), Fields.of(all));
    }
}
