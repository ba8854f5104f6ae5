package org.myclerk.backend.linux.gpio;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.myclerk.backend.linux.kernel.Errno;
import org.myclerk.backend.linux.kernel.KernelException;
import org.myclerk.backend.linux.kernel.KernelFile;
import org.myclerk.backend.linux.kernel.Sysfs;
import org.myclerk.device.DeviceException;
import org.myclerk.device.gpio.GpioChip;
import org.myclerk.device.gpio.GpioLineInfo;
import org.myclerk.device.gpio.GpioLines;
import org.myclerk.device.gpio.GpioRequest;

/** A chip of the machine. Its device file is open only during a call, so that its driver can be unloaded. */
final class LinuxGpioChip implements GpioChip {

    /** Buses that a processor reaches by an access to memory. */
    private static final Set<String> IMMEDIATE = Set.of("gpio", "platform", "amba", "pci", "acpi", "pnp");

    private final Path file;
    private final String label;
    private final int lines;
    private final boolean immediate;

    /**
     * @param file {@code /dev/gpiochip0}
     * @param label empty if unknown
     * @param lines 0 if unknown
     */
    LinuxGpioChip(Path file, String label, int lines) {
        this.file = file;
        this.label = label;
        this.lines = lines;
        this.immediate = Sysfs.behindOnly(Path.of("/sys/bus/gpio/devices").resolve(file.getFileName()),
                IMMEDIATE);
    }

    /** The chip behind a device file; none if the kernel does not let us ask. */
    static Optional<LinuxGpioChip> find(Path file) {
        try (KernelFile chip = KernelFile.open(file, KernelFile.O_RDONLY); Arena arena = Arena.ofConfined()) {
            GpiochipInfo info = GpiochipInfo.in(arena);
            chip.ioctl("ask about", GpiochipInfo.GPIO_GET_CHIPINFO_IOCTL, info.at());
            return Optional.of(new LinuxGpioChip(file, info.label(), info.lines()));
        } catch (KernelException _) {
            return Optional.empty();
        }
    }

    @Override
    public String name() {
        return file.getFileName().toString();
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public boolean immediate() {
        return immediate;
    }

    @Override
    public int lines() {
        return lines;
    }

    @Override
    public GpioLineInfo info(int line) throws KernelException {
        try (KernelFile chip = KernelFile.open(file, KernelFile.O_RDONLY)) {
            return info(chip, line);
        }
    }

    private static GpioLineInfo info(KernelFile chip, int line) throws KernelException {
        try (Arena arena = Arena.ofConfined()) {
            GpioV2LineInfo info = GpioV2LineInfo.in(arena, line);
            chip.ioctl("ask about line %d of".formatted(line), GpioV2LineInfo.GPIO_V2_GET_LINEINFO_IOCTL,
                    info.at());
            return info.value();
        }
    }

    @Override
    public GpioLines request(GpioRequest request) throws DeviceException {
        try (KernelFile chip = KernelFile.open(file, KernelFile.O_RDONLY); Arena arena = Arena.ofConfined()) {
            GpioV2LineRequest granted = GpioV2LineRequest.in(arena, request);
            try {
                chip.ioctl("take lines %s of".formatted(request.lines()),
                        GpioV2LineRequest.GPIO_V2_GET_LINE_IOCTL, granted.at());
            } catch (KernelException e) {
                throw e.is(Errno.EBUSY) ? e.saying("%s: %s".formatted(name(), holders(chip, request))) : e;
            }
            return new LinuxGpioLines(KernelFile.adopt(granted.fd(),
                    "lines %s of %s".formatted(request.lines(), file)),
                    request);
        }
    }

    private static String holders(KernelFile chip, GpioRequest request) throws KernelException {
        List<String> holders = new ArrayList<>();
        for (int line : request.lines()) {
            GpioLineInfo info = info(chip, line);
            if (info.used()) {
                holders.add("line %d is held by %s".formatted(line,
                        info.consumer().isEmpty() ? "a consumer without a name"
                        : "\"" + info.consumer() + "\""));
            }
        }
        return holders.isEmpty() ? "the lines were in use" : String.join(", ", holders);
    }
}
