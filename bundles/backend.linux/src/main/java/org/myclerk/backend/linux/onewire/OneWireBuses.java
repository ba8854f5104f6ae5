package org.myclerk.backend.linux.onewire;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSource;
import org.myclerk.api.payload.Fields;
import org.myclerk.backend.linux.kernel.Presence;
import org.myclerk.backend.linux.kernel.Sysfs;
import org.osgi.service.component.annotations.Component;

/** The 1-Wire buses of this machine. */
@Component(service = DeviceSource.class)
public final class OneWireBuses extends Presence {

    private static final Path DEVICES = Path.of("/sys/bus/w1/devices");
    private static final Pattern MASTER = Pattern.compile("w1_bus_master(\\d{1,9})");

    public OneWireBuses() {
        super("onewire");
    }

    @Override
    protected List<Found> scan() {
        List<Found> found = new ArrayList<>();
        for (String name : Sysfs.list(DEVICES)) {
            Matcher master = MASTER.matcher(name);
            if (master.matches()) {
                int number = Integer.parseInt(master.group(1));
                Path folder = DEVICES.resolve(name);
                DeviceInfo info = new DeviceInfo("w1-" + number, "onewire", name, folder.toString(),
                        Fields.NONE, false);
                found.add(new Found(info, name, () -> new W1Master(name, number, folder)));
            }
        }
        return found;
    }
}
