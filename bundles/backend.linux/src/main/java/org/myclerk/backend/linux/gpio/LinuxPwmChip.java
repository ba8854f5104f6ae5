package org.myclerk.backend.linux.gpio;

import java.nio.file.Files;
import java.nio.file.Path;

import org.myclerk.backend.linux.kernel.Errno;
import org.myclerk.backend.linux.kernel.KernelException;
import org.myclerk.backend.linux.kernel.Sysfs;
import org.myclerk.device.gpio.PwmChannel;
import org.myclerk.device.gpio.PwmChip;

/** A PWM chip of the machine, through sysfs (Documentation/driver-api/pwm.rst). */
final class LinuxPwmChip implements PwmChip {

    private final Path folder;
    private final int channels;

    /** @param folder {@code /sys/class/pwm/pwmchip0} */
    LinuxPwmChip(Path folder, int channels) {
        this.folder = folder;
        this.channels = channels;
    }

    @Override
    public String name() {
        return folder.getFileName().toString();
    }

    @Override
    public int channels() {
        return channels;
    }

    @Override
    public PwmChannel request(int channel) throws KernelException {
        try {
            Sysfs.write(folder.resolve("export"), Integer.toString(channel));
        } catch (KernelException e) {
            throw e.saying(e.is(Errno.EBUSY)
                    ? "channel %d of %s is in use: by the kernel, or by a program that exported it".formatted(
                    channel, name())
                    : "cannot take channel %d of %s".formatted(channel, name()));
        }
        Path path = folder.resolve("pwm" + channel);
        try {
            return new LinuxPwmChannel(folder, channel, path);
        } catch (KernelException e) {
            if (Files.exists(path)) {
                Sysfs.write(folder.resolve("unexport"), Integer.toString(channel));
            }
            throw e;
        }
    }
}
