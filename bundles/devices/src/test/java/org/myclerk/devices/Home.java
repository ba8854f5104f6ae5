package org.myclerk.devices;

import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.device.DeviceSource;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Rights.Change;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Fields;
import org.myclerk.store.SqliteStore;

/** Registry, rights, audit and guard of a node on a real store; time passes when the test says so. */
final class Home implements AutoCloseable, DeviceSource {

    static final Duration GRACE = Duration.ofSeconds(30);
    static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    final ManualClock clock = new ManualClock("2026-11-26T12:00:00", BERLIN);
    final ManualSchedule schedule = new ManualSchedule();
    final SqliteStore store;
    final AuditLog audit;
    final RightsBook rights;
    final DeviceRegistry devices;
    final DeviceGuard guard;
    private DeviceSink sink;

    Home(Path folder) {
        this(folder, null);
    }

    /** @param real tasks run by themselves if it is given */
    Home(Path folder, Schedule real) {
        Schedule used = real == null ? schedule : real;
        store = new SqliteStore(folder.resolve("node.db"));
        audit = new AuditLog(store, clock, used, 10_000);
        rights = new RightsBook(store, audit, clock, used);
        devices = new DeviceRegistry(GRACE, used, clock, rights, audit, Optional.of(store),
                rights::onNarrowed);
        guard = new DeviceGuard(rights, devices, audit);
        devices.addSource(this);
    }

    void plug(String id, Object driver) {
        sink.appeared(new Device(new DeviceInfo(id, "lamp", id, "bench", Fields.NONE, true), driver));
    }

    void pull(String id) {
        sink.vanished(id);
    }

    void share(String device, Subject to, AccessMode mode) throws Refused {
        rights.change("ada", List.of(new Change.Give(new Grant(device, to, mode))));
    }

    void unshare(String device, Subject from) throws Refused {
        rights.change("ada", List.of(new Change.Take(device, from)));
    }

    @Override
    public void start(DeviceSink to) {
        sink = to;
    }

    @Override
    public void stop() {
        // The test pulls what it wants to.
    }

    @Override
    public void close() {
        devices.stop();
        store.close();
    }
}
