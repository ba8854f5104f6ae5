package org.myclerk.backend.linux.i2c;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSource;
import org.myclerk.api.payload.Fields;
import org.myclerk.backend.linux.kernel.Presence;
import org.myclerk.backend.linux.kernel.Sysfs;
import org.osgi.service.component.annotations.Component;

/** The I2C buses of this machine; the id of a bus is the name of its device file, {@code i2c-1}. */
@Component(service = DeviceSource.class)
public final class LinuxI2c extends Presence {

    private static final Path BUSES = Path.of("/sys/class/i2c-dev");

    public LinuxI2c() {
        super("i2c");
    }

    @Override
    protected List<Found> scan() {
        List<Found> found = new ArrayList<>();
        for (String id : Sysfs.list(BUSES)) {
            Path file = Path.of("/dev", id);
            if (id.matches("i2c-\\d+") && Files.exists(file)) {
                String adapter = Sysfs.readOrEmpty(BUSES.resolve(id).resolve("name"));
                int number = Integer.parseInt(id.substring(4));
                DeviceInfo info = new DeviceInfo(id, "i2c", adapter.isEmpty() ? "I2C bus" : adapter,
                        file.toString(),
                        Fields.of(Map.of()), false);
                found.add(new Found(info, Sysfs.identity(file) + adapter,
                        () -> new LinuxI2cBus(file, number, adapter)));
            }
        }
        return found;
    }
}
