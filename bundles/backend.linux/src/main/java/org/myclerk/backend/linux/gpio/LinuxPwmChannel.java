package org.myclerk.backend.linux.gpio;

import java.nio.file.Path;

import org.myclerk.backend.linux.kernel.Errno;
import org.myclerk.backend.linux.kernel.KernelException;
import org.myclerk.backend.linux.kernel.Sysfs;
import org.myclerk.device.gpio.PwmChannel;

/** A PWM channel that was exported. */
final class LinuxPwmChannel implements PwmChannel {

    private final Path chip;
    private final int channel;
    private final Path folder;
    private Settings settings;
    private boolean closed;

    /** @param folder {@code /sys/class/pwm/pwmchip0/pwm0} */
    LinuxPwmChannel(Path chip, int channel, Path folder) throws KernelException {
        this.chip = chip;
        this.channel = channel;
        this.folder = folder;
        disable();
        settings = read();
    }

    @Override
    public synchronized Settings settings() {
        return settings;
    }

    /** The kernel refuses a duty beyond the period, and another polarity while it runs: hence the order. */
    @Override
    public synchronized void configure(Settings wanted) throws KernelException {
        if (closed) {
            throw new KernelException("cannot set up channel %d of %s".formatted(channel, chip),
                    Errno.EBADF.number());
        }
        boolean turned = wanted.inversed() != settings.inversed();
        try {
            if (turned) {
                disable();
            }
            if (wanted.periodNanos() < settings.dutyNanos()) {
                write("duty_cycle", "0");
            }
            write("period", Long.toString(wanted.periodNanos()));
            if (turned) {
                write("polarity", wanted.inversed() ? "inversed" : "normal");
            }
            write("duty_cycle", Long.toString(wanted.dutyNanos()));
            write("enable", wanted.enabled() ? "1" : "0");
        } catch (KernelException e) {
            disable();
            throw e;
        } finally {
            settings = read();
        }
    }

    /** A channel without a period cannot even be turned off. */
    private void disable() throws KernelException {
        if (Sysfs.read(folder.resolve("enable")).equals("1")) {
            write("enable", "0");
        }
    }

    private Settings read() throws KernelException {
        long period = Long.parseLong(Sysfs.read(folder.resolve("period")));
        return new Settings(Math.max(1, period), Long.parseLong(Sysfs.read(folder.resolve("duty_cycle"))),
                Sysfs.readOrEmpty(folder.resolve("polarity")).equals("inversed"),
                Sysfs.read(folder.resolve("enable")).equals("1"));
    }

    private void write(String attribute, String value) throws KernelException {
        Sysfs.write(folder.resolve(attribute), value);
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            disable();
            Sysfs.write(chip.resolve("unexport"), Integer.toString(channel));
        } catch (KernelException _) {
            // The chip is gone, and its channel with it.
        }
    }
}
