package org.myclerk.devices;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
        Optional<Device> device = there.device(id);
        if (!there.knows(id)) {
            throw Inventory.unknown(id);
        }
        check(id, device, values);
        Fields parameters = Label.NONE.with(Optional.empty(), Optional.empty(), values).parameters();
        try {
            if (!parameters.equals(Fields.NONE)) {
                ((Configurable) device.orElseThrow().driver()).configure(parameters);
            }
        } catch (IOException e) {
            throw Refused.unavailable("%s does not take it: %s".formatted(id, e.getMessage()));
        }
        there.labels.change(id, label -> label.with(name, place, values));
        audit.note(Audit.Kind.DEVICE, caller.name(), Optional.of(id), "set up: %s".formatted(String.join(", ",
                Stream.of(name.map(it -> "name " + it), place.map(it -> "place " + it),
                        Optional.of(String.join(", ", values.toMap().keySet())))
                        .flatMap(Optional::stream).filter(text -> !text.isEmpty()).toList())));
        DeviceView view = there.view(caller, id);
        there.changed(id);
        return view;
    }

    private static void check(String id, Optional<Device> device, Fields values) throws Refused {
        Map<String, Setting> settings = new TreeMap<>();
        settings.put(Setting.PHYSICAL_ACCESS.name(), Setting.PHYSICAL_ACCESS);
        if (device.isPresent() && device.get().driver() instanceof Configurable driver) {
            driver.settings().forEach(setting -> settings.put(setting.name(), setting));
        }
        for (Map.Entry<String, Object> value : values.toMap().entrySet()) {
            Setting setting = settings.get(value.getKey());
            if (setting == null) {
                throw Refused.badRequest("%s has no setting \"%s\"%s: it has %s".formatted(id, value.getKey(),
                        device.isEmpty() ? " while it is not plugged in" : "",
                        String.join(", ", settings.keySet())));
            }
            setting.check(value.getValue());
        }
    }

    /** Hands over what was set before the device was unplugged. */
    void again(Device device) {
        Fields values = there.labels.of(device.info().id()).parameters();
        if (values.equals(Fields.NONE) || !(device.driver() instanceof Configurable driver)) {
            return;
        }
        schedule.aside(() -> {
            try {
                check(device.info().id(), Optional.of(device), values);
                driver.configure(values);
            } catch (IOException | Refused e) {
                LOG.log(System.Logger.Level.WARNING, "{0} does not take the settings it had: {1}",
                        device.info().id(),
                        e.getMessage());
            }
        });
    }
}
