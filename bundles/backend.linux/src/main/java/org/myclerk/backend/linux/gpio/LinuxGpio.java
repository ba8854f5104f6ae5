package org.myclerk.backend.linux.gpio;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSource;
import org.myclerk.api.payload.Fields;
import org.myclerk.backend.linux.kernel.Presence;
import org.myclerk.backend.linux.kernel.Sysfs;
import org.osgi.service.component.annotations.Component;

/** The GPIO and PWM chips of this machine; the id of a chip is the kernel's name for it. */
@Component(service = DeviceSource.class)
public final class LinuxGpio extends Presence {

    private static final Path CHIPS = Path.of("/sys/bus/gpio/devices");
    private static final Path PWM_CHIPS = Path.of("/sys/class/pwm");

    public LinuxGpio() {
        super("gpio");
    }

    @Override
    protected List<Found> scan() {
        List<Found> found = new ArrayList<>();
        for (String name : Sysfs.list(CHIPS)) {
            Path file = Path.of("/dev", name);
            if (Files.exists(file)) {
                found.add(chip(name, file));
            }
        }
        for (String name : Sysfs.list(PWM_CHIPS)) {
            Path chip = PWM_CHIPS.resolve(name);
            String channels = Sysfs.readOrEmpty(chip.resolve("npwm"));
            if (!channels.isEmpty()) {
                found.add(pwm(name, chip, Integer.parseInt(channels)));
            }
        }
        return found;
    }

    private static Found chip(String name, Path file) {
        Optional<LinuxGpioChip> known = LinuxGpioChip.find(file);
        LinuxGpioChip chip = known.orElseGet(() -> new LinuxGpioChip(file, "", 0));
        DeviceInfo info = new DeviceInfo(name, "gpio", chip.label().isEmpty() ? "GPIO chip" : chip.label(),
                file.toString(), Fields.of(Map.of("lines", chip.lines())), false);
        return new Found(info, Sysfs.identity(file) + info, () -> chip);
    }

    private static Found pwm(String name, Path folder, int channels) {
        DeviceInfo info = new DeviceInfo(name, "pwm", "PWM chip", folder.toString(),
                Fields.of(Map.of("channels", channels)), false);
        return new Found(info, Sysfs.identity(folder) + info, () -> new LinuxPwmChip(folder, channels));
    }
}
