package org.myclerk.backend.linux.can;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSource;
import org.myclerk.api.payload.Fields;
import org.myclerk.backend.linux.kernel.KernelException;
import org.myclerk.backend.linux.kernel.Presence;
import org.myclerk.backend.linux.kernel.Sysfs;
import org.osgi.service.component.annotations.Component;

/** The CAN interfaces of this machine. */
@Component(service = DeviceSource.class)
public final class CanInterfaces extends Presence {

    private static final Path NETWORK = Path.of("/sys/class/net");

    public CanInterfaces() {
        super("can");
    }

    @Override
    protected List<Found> scan() {
        List<Found> found = new ArrayList<>();
        try {
            for (Link link : Link.all()) {
                DeviceInfo info = new DeviceInfo(id(link.name()), "can", link.name(), place(link.name()),
                        Fields.of(Map.of("virtual", link.status().controller().isEmpty())), false);
                found.add(new Found(info, Integer.toString(link.index()),
                        () -> new LinuxCanInterface(link.name(), link.index())));
            }
        } catch (KernelException _) {
            // A kernel without netlink has no CAN either.
        }
        return found;
    }

    /**
     * Of a USB adapter vendor, product and serial number, of another controller its bus and address, each
     * with the number of the channel where there are several; of a virtual interface its name.
     */
    private static String id(String name) {
        Path device;
        try {
            device = NETWORK.resolve(name).resolve("device").toRealPath();
        } catch (IOException none) {
            return name;
        }
        String port = Sysfs.readOrEmpty(NETWORK.resolve(name).resolve("dev_port"));
        String channel = port.isEmpty() || port.equals("0") ? "" : "-" + port;
        for (Path above = device; above.getNameCount() > 2; above = above.getParent()) {
            String vendor = Sysfs.readOrEmpty(above.resolve("idVendor"));
            if (!vendor.isEmpty()) {
                String serial = Sysfs.readOrEmpty(above.resolve("serial"));
                return "can-usb-%s-%s-%s%s".formatted(vendor, Sysfs.readOrEmpty(above.resolve("idProduct")),
                        (serial.isEmpty() ? above.getFileName().toString() : serial)
                        .replaceAll("[^\\w.:-]", "_"),
                        channel);
            }
        }
        return "can-%s%s".formatted(device.getFileName(), channel);
    }

    private static String place(String name) {
        Path device = NETWORK.resolve(name).resolve("device");
        try {
            return Files.exists(device) ? device.toRealPath().toString() : "virtual";
        } catch (IOException gone) {
            return "virtual";
        }
    }
}
