package org.myclerk.devices;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceEvent;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSource;
import org.myclerk.api.device.DeviceView;
import org.myclerk.api.device.Devices;
import org.myclerk.api.device.Lease;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Audit;
import org.myclerk.api.node.Replacing;
import org.myclerk.api.node.Roles;
import org.myclerk.api.node.SessionListener;
import org.myclerk.api.node.SessionState;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.store.Store;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * What is plugged in, as the drivers say, and who holds it (§6.2): {@link Inventory}, {@link Leases},
 * {@link Setup} and {@link Drivers} under one lock, which is never held while a driver, a task at a lease's
 * end or a watcher runs.
 */
@Component(service = {Devices.class, SessionListener.class, DeviceRegistry.class},
        configurationPid = "org.myclerk.devices")
@Designate(ocd = DeviceRegistry.Config.class)
public final class DeviceRegistry implements Devices, SessionListener {

    /** Configuration of the registry. */
    @ObjectClassDefinition(name = "Devices and leases")
    public @interface Config {

        /** How long a lease outlives its session, in seconds; 0 ends it with the session. */
        @AttributeDefinition(min = "0", max = "86400",
                description = "How long a lease outlives its session, in seconds")
        int graceSeconds() default 30;
    }

    private final Schedule schedule;
    private final Inventory there;
    private final Leases leases;
    private final Setup setup;
    private final Drivers drivers;
    private final Subscription rights;

    @Activate
    public DeviceRegistry(Config config, @Reference RightsBook rights, @Reference AuditLog audit,
            @Reference Store store) {
        this(Duration.ofSeconds(Math.max(0, config.graceSeconds())), new Schedule.Threads(),
                InstantSource.system(),
                rights, audit, Optional.of(store), rights::onNarrowed);
    }

    /**
     * Without rights: whoever calls may use everything.
     *
     * @param grace how long a lease outlives its session
     */
    public DeviceRegistry(Duration grace) {
        this(grace, new Schedule.Threads());
    }

    DeviceRegistry(Duration grace, Schedule schedule) {
        this(grace, schedule, InstantSource.system(), Permits.ALL, AuditLog.NONE, Optional.empty(),
                _ -> () -> { });
    }

    /** @param onChange runs a task whenever rights have changed */
    DeviceRegistry(Duration grace, Schedule schedule, InstantSource clock, Permits permits, Audit audit,
            Optional<Store> store, Function<Runnable, Subscription> onChange) {
        this.schedule = schedule;
        Locks locks = new Locks(store);
        this.there = new Inventory(schedule, clock, permits, new Labels(store), locks, new Sightings(store));
        this.leases = new Leases(there, grace, schedule, clock, permits, audit, locks);
        this.setup = new Setup(there, schedule, audit);
        this.drivers = new Drivers(there, leases, setup, schedule);
        leases.followedBy(drivers);
        this.rights = onChange.apply(() -> {
            leases.reconsider();
            there.reconsider();
        });
    }

    @Deactivate
    public void stop() {
        rights.close();
        List<Held> ended = leases.close();
        drivers.handOver(ended);
        ended.forEach(held -> held.end(Lease.End.STOPPED));
        schedule.stop();
        there.close();
    }

    /** Bundles are being replaced until it is unbound: what goes comes back (decision 57). */
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC,
            target = Replacing.TARGET)
    public void bindReplacement(ConcurrentMap<String, Object> replacement) {
        drivers.replacing(replacement);
    }

    public void unbindReplacement(ConcurrentMap<String, Object> replacement) {
        drivers.replaced(replacement);
    }

    /** Takes a driver bundle's devices in. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addSource(DeviceSource source) {
        drivers.add(source);
    }

    /** Stops a driver bundle's devices: they vanish. */
    public void removeSource(DeviceSource source) {
        drivers.remove(source);
    }

    @Override
    public Subscription serving(Class<?> driver) {
        return drivers.serving(new Drivers.Server(driver, (_, _) -> {
            throw new IllegalArgumentException("its handler does not open it again");
        }, _ -> { }));
    }

    @Override
    public Subscription serving(Class<?> driver, BiFunction<Lease, Map<String, Object>, Lease.Use> again,
            Consumer<Lease.Use> adopt) {
        return drivers.serving(new Drivers.Server(driver, again, adopt));
    }

    @Override
    public List<Listed> visibleTo(Caller caller, Class<?> driver) {
        return there.visibleTo(caller, driver);
    }

    @Override
    public Optional<Device> device(String id) {
        return there.device(id);
    }

    @Override
    public List<DeviceView> list(Caller caller, String after, int limit) {
        boolean administers = caller.hasRole(Roles.ADMIN);
        return there.page(caller, after, limit, view ->
                administers ? view.shared() : view.mode() != AccessMode.NONE);
    }

    @Override
    public List<DeviceView> discover(Caller caller, String after, int limit) {
        return there.page(caller, after, limit, _ -> true);
    }

    @Override
    public List<DeviceView> away(Caller caller, String after, int limit) {
        return there.away(caller, after, limit);
    }

    @Override
    public DeviceView view(Caller caller, String id) throws Refused {
        return there.view(caller, id);
    }

    @Override
    public DeviceView configure(Caller caller, String id, Optional<String> name, Optional<String> place,
            Fields values) throws Refused {
        DeviceView view = setup.configure(caller, id, name, place, values);
        if (view.physicalAccess() && values.toMap().containsKey(DeviceInfo.PHYSICAL_ACCESS)) {
            leases.narrow();
        }
        return view;
    }

    @Override
    public Following follow(Caller caller, Consumer<DeviceEvent> listener) {
        return there.follow(caller, listener);
    }

    @Override
    public Subscription watch(Watcher watcher) {
        return there.watch(watcher);
    }

    @Override
    public <D> D get(Caller caller, String id, Class<D> driver) throws Refused {
        return leases.get(caller, id, driver);
    }

    @Override
    public Lease lease(Caller caller, String id, Lease.Mode mode) throws Refused {
        return leases.lease(caller, id, mode);
    }

    @Override
    public Optional<Lease> leaseOf(Caller caller, String id) {
        return leases.leaseOf(caller, id);
    }

    @Override
    public List<Lease> held(String id) {
        return leases.held(id);
    }

    @Override
    public DeviceView lock(Caller caller, String id, Duration time, boolean takeOver) throws Refused {
        return leases.lock(caller, id, time, takeOver);
    }

    @Override
    public DeviceView unlock(Caller caller, String id) throws Refused {
        return leases.unlock(caller, id);
    }

    @Override
    public Lease reserve(String id, Bytes node, String name) throws Refused {
        return leases.reserve(id, node, name);
    }

    @Override
    public boolean hand(String id, Bytes from, Bytes to, String name) {
        return leases.hand(id, from, to, name);
    }

    /** Whether a device gives physical access, so that it is used at tier 3 or higher only. */
    boolean physicalAccess(String id) {
        return there.physicalAccess(id);
    }

    /** Refuses a caller while another node holds the device alone; needs no lock if none does. */
    void refuseIfHeld(Caller caller, String id) throws Refused {
        leases.refuseIfHeld(caller, id);
    }

    /** Who holds a device alone, if another than that node does. */
    Optional<String> heldByAnother(Bytes node, String id) {
        return leases.heldByAnother(node, id);
    }

    /** Runs a task whenever a device goes from one holder to another, as {@link #hand} says, or is marked. */
    Subscription onNarrowed(Runnable task) {
        return leases.onNarrowed(task);
    }

    @Override
    public void opened(SessionState session, Bytes resumedFrom) {
        leases.opened(session, resumedFrom);
    }

    @Override
    public void ended(SessionState session) {
        leases.ended(session);
    }

    @Override
    public boolean holds(Bytes session) {
        return leases.holds(session);
    }
}
