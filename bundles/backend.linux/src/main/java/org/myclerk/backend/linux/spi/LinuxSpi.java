package org.myclerk.backend.linux.spi;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSource;
import org.myclerk.backend.linux.kernel.Presence;
import org.myclerk.backend.linux.kernel.Sysfs;
import org.osgi.service.component.annotations.Component;

/**
 * The SPI devices of this machine that spidev serves; the id is the name of the device file,
 * {@code spidev0.1}.
 */
@Component(service = DeviceSource.class)
public final class LinuxSpi extends Presence {

    private static final Path DEVICES = Path.of("/sys/class/spidev");
    private static final Pattern NAME = Pattern.compile("spidev(\\d+)\\.(\\d+)");

    public LinuxSpi() {
        super("spi");
    }

    @Override
    protected List<Found> scan() {
        List<Found> found = new ArrayList<>();
        for (String id : Sysfs.list(DEVICES)) {
            Matcher name = NAME.matcher(id);
            Path file = Path.of("/dev", id);
            if (name.matches() && Files.exists(file)) {
                int bus = Integer.parseInt(name.group(1));
                int chipSelect = Integer.parseInt(name.group(2));
                LinuxSpiDevice device = new LinuxSpiDevice(file, bus, chipSelect);
                DeviceInfo info = new DeviceInfo(id, "spi", "SPI bus %d, chip select %d".formatted(bus,
                        chipSelect),
                        file.toString(), device.properties(), false);
                found.add(new Found(info, Sysfs.identity(file), () -> device));
            }
        }
        return found;
    }
}
