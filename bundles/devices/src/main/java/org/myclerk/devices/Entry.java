package org.myclerk.devices;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.payload.Bytes;

/** A device while it stays plugged in, and its leases. The lock of its {@link Inventory} guards it. */
final class Entry {

    final List<Held> leases = new ArrayList<>();
    Device device;
    DeviceSink sink;
    /** Its driver is being replaced; {@code device} has none meanwhile. */
    boolean absent;

    Entry(Device device, DeviceSink sink) {
        this.device = device;
        this.sink = sink;
    }

    String id() {
        return device.info().id();
    }

    /** Whether its driver says that it gives physical access. */
    boolean physicalAccess() {
        return Boolean.TRUE.equals(device.info().properties().toMap().get(DeviceInfo.PHYSICAL_ACCESS));
    }

    Sighting sighting(long now) {
        DeviceInfo info = device.info();
        return new Sighting(info.id(), info.kind(), info.name(), info.place(), info.simulated(),
                physicalAccess(), now);
    }

    /** The names of those who hold it. */
    Optional<String> holders() {
        String names = leases.stream().filter(Held::lasts).map(Held::holder).distinct()
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? Optional.empty() : Optional.of(names);
    }

    /** The lock on it, whosever it is. */
    Optional<Held> locked() {
        return leases.stream().filter(held -> held.lasts() && held.purpose() == Held.Purpose.LOCK)
                .findFirst();
    }

    /** The lock that a node has on it, or {@code null}. */
    Held lockOf(Bytes node) {
        return locked().filter(held -> held.isOf(node)).orElse(null);
    }
}
