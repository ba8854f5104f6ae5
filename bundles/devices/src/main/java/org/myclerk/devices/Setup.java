package org.myclerk.devices;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.myclerk.api.device.Configurable;
import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceView;
import org.myclerk.api.device.Setting;
import org.myclerk.api.guard.Audit;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Fields;

/** What people set about devices: names, places and the parameters of drivers. Thread-safe. */
final class Setup {

    private static final System.Logger LOG = System.getLogger("org.myclerk.devices");

    private final Inventory there;
    private final Schedule schedule;
    private final Audit audit;

    Setup(Inventory there, Schedule schedule, Audit audit) {
        this.there = there;
        this.schedule = schedule;
        this.audit = audit;
    }

    DeviceView configure(Caller caller, String id, Optional<String> name, Optional<String> place,
            Fields values) throws Refused {
        Device device = there.device(id).orElseThrow(() -> Inventory.unknown(id));
        check(device, values);
        try {
            if (!values.equals(Fields.NONE)) {
                ((Configurable) device.driver()).configure(values);
            }
        } catch (IOException e) {
            throw Refused.unavailable("%s does not take it: %s".formatted(id, e.getMessage()));
        }
        there.labels.set(id, there.labels.of(id).with(name, place, values));
        audit.note(Audit.Kind.DEVICE, caller.name(), Optional.of(id), "set up: %s".formatted(String.join(", ",
                Stream.of(name.map(it -> "name " + it), place.map(it -> "place " + it),
                        Optional.of(String.join(", ", values.toMap().keySet())))
                        .flatMap(Optional::stream).filter(text -> !text.isEmpty()).toList())));
        there.changed(id);
        return there.view(caller, id);
    }

    private static void check(Device device, Fields values) throws Refused {
        Map<String, Setting> settings = device.driver() instanceof Configurable driver
                ? driver.settings().stream().collect(Collectors.toMap(Setting::name, setting -> setting)) : Map.of();
        for (Map.Entry<String, Object> value : values.toMap().entrySet()) {
            Setting setting = settings.get(value.getKey());
            if (setting == null) {
                throw Refused.badRequest("%s has no setting \"%s\"%s".formatted(device.info().id(), value.getKey(),
                        settings.isEmpty() ? ": it has none" : ": it has "
                                + String.join(", ", new TreeSet<>(settings.keySet()))));
            }
            setting.check(value.getValue());
        }
    }

    /** Hands over what was set before the device was unplugged. */
    void again(Device device) {
        Fields values = there.labels.of(device.info().id()).values();
        if (values.equals(Fields.NONE) || !(device.driver() instanceof Configurable driver)) {
            return;
        }
        schedule.aside(() -> {
            try {
                check(device, values);
                driver.configure(values);
            } catch (IOException | Refused e) {
                LOG.log(System.Logger.Level.WARNING, "{0} does not take the settings it had: {1}", device.info().id(),
                        e.getMessage());
            }
        });
    }
}
