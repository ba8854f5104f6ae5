package org.myclerk.devices;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.device.Configurable;
import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceEvent;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.device.DeviceSource;
import org.myclerk.api.device.DeviceView;
import org.myclerk.api.device.Devices;
import org.myclerk.api.device.Lease;
import org.myclerk.api.device.Setting;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Audit;
import org.myclerk.api.guard.Who;
import org.myclerk.api.node.Replacing;
import org.myclerk.api.node.Roles;
import org.myclerk.api.node.SessionListener;
import org.myclerk.api.node.SessionState;
import org.myclerk.api.operation.Access;
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
 * What is plugged in, as the drivers say, and who holds it (§6.2).
 *
 * <p>One lock guards all state and is never held while a driver, a task at a lease's end or a watcher runs. A lease
 * that has ended keeps others off its device until those tasks are done, so that nobody gets a device that is still
 * on its way into its safe state.
 */
@Component(service = {Devices.class, SessionListener.class, DeviceRegistry.class}, configurationPid = "org.myclerk.devices")
@Designate(ocd = DeviceRegistry.Config.class)
public final class DeviceRegistry implements Devices, SessionListener {

    private static final String LEASES = "org.myclerk.devices.leases";
    private static final Duration SOON = Duration.ofMillis(100);
    private static final System.Logger LOG = System.getLogger("org.myclerk.devices");

    /** Configuration of the registry. */
    @ObjectClassDefinition(name = "Devices and leases")
    public @interface Config {

        /** How long a lease outlives its session, in seconds; 0 ends it with the session. */
        @AttributeDefinition(min = "0", max = "86400", description = "How long a lease outlives its session, in seconds")
        int graceSeconds() default 30;
    }

    private final Duration grace;
    private final Schedule schedule;
    private final Permits permits;
    private final Audit audit;
    private final Labels labels;
    private final Locks locks;
    private final InstantSource clock;
    private final Followers followers;
    private final Subscription rights;
    private final ReentrantLock lock = new ReentrantLock();
    private final TreeMap<String, Entry> entries = new TreeMap<>();
    private final Map<DeviceSource, Sink> sources = new HashMap<>();
    private final Map<Bytes, Set<Bytes>> sessions = new HashMap<>();
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
    private final List<Runnable> narrowed = new CopyOnWriteArrayList<>();
    private final Map<String, Holder> alone = new ConcurrentHashMap<>();
    private long lastEvent;
    private final Map<Class<?>, Integer> served = new HashMap<>();
    private Map<String, Object> handedOver;
    private boolean stopped;

    /** Who holds a device alone. */
    private record Holder(Bytes node) {
    }

    /** What a lease is for. Those of one node do not exclude each other if one of them is no use. */
    private enum Purpose { USE, LOCK, ROUTE }

    /** A device while it stays plugged in, and its leases. */
    private static final class Entry {

        private Device device;
        private Sink sink;
        /** Its driver is being replaced; {@code device} has none meanwhile. */
        private boolean absent;
        private final List<Held> leases = new ArrayList<>();

        Entry(Device device, Sink sink) {
            this.device = device;
            this.sink = sink;
        }
    }

    @Activate
    public DeviceRegistry(Config config, @Reference RightsBook rights, @Reference AuditLog audit,
            @Reference Store store) {
        this(Duration.ofSeconds(Math.max(0, config.graceSeconds())), new Schedule.Threads(), InstantSource.system(),
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
        this.grace = grace;
        this.schedule = schedule;
        this.clock = clock;
        this.permits = permits;
        this.audit = audit;
        this.labels = new Labels(store);
        this.locks = new Locks(store);
        this.followers = new Followers(permits);
        this.rights = onChange.apply(this::rightsChanged);
    }

    @Deactivate
    public void stop() {
        rights.close();
        List<Held> ended;
        lock.lock();
        try {
            stopped = true;
            ended = entries.values().stream().flatMap(entry -> entry.leases.stream()).toList();
        } finally {
            lock.unlock();
        }
        if (handedOver != null) {
            handedOver.put(LEASES, ended.stream().map(Held::toMap).toList());
        }
        ended.forEach(held -> held.end(Lease.End.STOPPED));
        schedule.stop();
    }

    /** Bundles are being replaced until it is unbound: what goes comes back (decision 57). */
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC,
            target = Replacing.TARGET)
    public void bindReplacement(ConcurrentMap<String, Object> replacement) {
        lock.lock();
        try {
            handedOver = replacement;
            if (replacement.remove(LEASES) instanceof List<?> leases) {
                leases.forEach(each -> takeOver((Map<?, ?>) each));
            }
        } finally {
            lock.unlock();
        }
    }

    public void unbindReplacement(ConcurrentMap<String, Object> replacement) {
        Map<String, Sink> gone = new HashMap<>();
        List<Held> unserved;
        lock.lock();
        try {
            if (handedOver != replacement) {
                return;
            }
            handedOver = null;
            entries.forEach((id, entry) -> {
                if (entry.absent) {
                    gone.put(id, entry.sink);
                }
            });
            unserved = unserved();
        } finally {
            lock.unlock();
        }
        gone.forEach((id, sink) -> sink.vanished(id));
        unserved.forEach(held -> schedule.aside(() -> held.end(Lease.End.STOPPED)));
    }

    @Override
    public Subscription serving(Class<?> driver) {
        lock.lock();
        try {
            served.merge(driver, 1, Integer::sum);
        } finally {
            lock.unlock();
        }
        AtomicBoolean closed = new AtomicBoolean();
        return () -> {
            if (closed.compareAndSet(false, true)) {
                noLongerServing(driver);
            }
        };
    }

    private void noLongerServing(Class<?> driver) {
        List<Held> unserved;
        lock.lock();
        try {
            served.merge(driver, -1, Integer::sum);
            unserved = handedOver == null ? unserved() : List.of();
        } finally {
            lock.unlock();
        }
        unserved.forEach(held -> held.end(Lease.End.STOPPED));
    }

    /** Leases with something open whose handler has gone. */
    private List<Held> unserved() {
        List<Class<?>> gone = served.entrySet().stream().filter(each -> each.getValue() == 0)
                .<Class<?>>map(Map.Entry::getKey).toList();
        served.keySet().removeAll(gone);
        return entries.values().stream()
                .filter(entry -> gone.stream().anyMatch(driver -> driver.isInstance(entry.device.driver())))
                .flatMap(entry -> entry.leases.stream()).filter(held -> held.use != null && held.end == null).toList();
    }

    private void takeOver(Map<?, ?> lease) {
        String id = (String) lease.get("device");
        Entry entry = entries.computeIfAbsent(id, _ -> {
            Entry absent = new Entry(new Device(new DeviceInfo(id, (String) lease.get("kind"), (String) lease.get("name"),
                    (String) lease.get("place"), Fields.of(Map.of()), (Boolean) lease.get("simulated")), null), new Sink());
            absent.absent = true;
            return absent;
        });
        locks.before(id);
        if (Purpose.LOCK.name().equals(lease.get("purpose"))
                && lockOf(entry, Bytes.ofHex((String) lease.get("node"))) != null) {
            return;
        }
        Held held = add(new Held(entry, lease));
        if (held.purpose != Purpose.ROUTE && !held.waits()) {
            held.orphan();
        }
    }

    /** Takes a driver bundle's devices in. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addSource(DeviceSource source) {
        Sink sink = new Sink();
        lock.lock();
        try {
            sources.put(source, sink);
        } finally {
            lock.unlock();
        }
        source.start(sink);
    }

    /** Stops a driver bundle's devices: they vanish. */
    public void removeSource(DeviceSource source) {
        Sink sink;
        lock.lock();
        try {
            sink = sources.remove(source);
        } finally {
            lock.unlock();
        }
        source.stop();
        if (sink != null && suspend(sink)) {
            return;
        }
        if (sink != null) {
            sink.close();
        }
    }

    @Override
    public List<Listed> visibleTo(Caller caller, Class<?> driver) {
        lock.lock();
        try {
            Who who = Who.of(caller);
            return entries.values().stream().filter(entry -> driver.isInstance(entry.device.driver()))
                    .filter(entry -> permits.mode(who, entry.device.info().id()) != AccessMode.NONE)
                    .map(entry -> new Listed(labelled(entry.device.info()), holders(entry))).toList();
        } finally {
            lock.unlock();
        }
    }

    /** The driver's next version will report the same devices: what is open on them waits for it. */
    private boolean suspend(Sink sink) {
        List<Lease.Use> uses = new ArrayList<>();
        lock.lock();
        try {
            if (handedOver == null) {
                return false;
            }
            for (Entry entry : entries.values()) {
                if (entry.sink == sink) {
                    entry.absent = true;
                    entry.leases.stream().filter(held -> held.use != null).forEach(held -> uses.add(held.use));
                }
            }
        } finally {
            lock.unlock();
        }
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            uses.forEach(use -> each.execute(use::suspend));
        }
        lock.lock();
        try {
            for (Entry entry : entries.values()) {
                if (entry.sink == sink) {
                    entry.device = new Device(entry.device.info(), null);
                }
            }
        } finally {
            lock.unlock();
        }
        return true;
    }

    private static void refuseIfAbsent(Entry entry) throws Refused {
        if (entry != null && entry.absent) {
            throw Refused.notNow(SOON, "the driver of %s is being replaced: ask again"
                    .formatted(entry.device.info().id()));
        }
    }

    /** How a device is shared with a caller; an anonymous one was let in by an operator's own rule (profile §16). */
    private AccessMode mode(Caller caller, String id) {
        return caller.anonymous() ? AccessMode.READ_WRITE : permits.mode(Who.of(caller), id);
    }

    private DeviceInfo labelled(DeviceInfo info) {
        return labels.of(info.id()).name().map(name -> new DeviceInfo(info.id(), info.kind(), name, info.place(),
                info.properties(), info.simulated())).orElse(info);
    }

    private static Optional<String> holders(Entry entry) {
        String names = entry.leases.stream().filter(held -> held.end == null).map(held -> held.holder)
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? Optional.empty() : Optional.of(names);
    }

    @Override
    public <D> D get(Caller caller, String id, Class<D> driver) throws Refused {
        Held adopted;
        D found;
        lock.lock();
        try {
            Entry entry = entries.get(id);
            AccessMode mode = mode(caller, id);
            if (mode != AccessMode.NONE) {
                refuseIfAbsent(entry);
            }
            if (entry == null || mode == AccessMode.NONE || !driver.isInstance(entry.device.driver())) {
                throw unknown(id);
            }
            adopted = adoptable(entry, caller);
            Held mine = adopted == null ? own(entry, caller) : adopted;
            boolean takes = mode == AccessMode.EXCLUSIVE && mine == null;
            if (takes) {
                refuseWithoutSession(caller, id);
            }
            refuseIfTaken(entry, caller.nodeId(), mine, takes ? Lease.Mode.EXCLUSIVE : Lease.Mode.SHARED, Purpose.USE);
            found = driver.cast(entry.device.driver());
            adopt(adopted, caller);
            if (takes) {
                adopted = add(new Held(entry, Lease.Mode.EXCLUSIVE, caller, Purpose.USE));
            }
        } finally {
            lock.unlock();
        }
        if (adopted != null) {
            follow(caller);
        }
        return found;
    }

    @Override
    public Lease lease(Caller caller, String id, Lease.Mode wanted) throws Refused {
        refuseWithoutSession(caller, id);
        Held held;
        boolean granted = true;
        lock.lock();
        try {
            Entry entry = entries.get(id);
            AccessMode right = mode(caller, id);
            if (entry == null || right == AccessMode.NONE) {
                throw unknown(id);
            }
            refuseIfStopped(id);
            Lease.Mode mode = right == AccessMode.EXCLUSIVE ? Lease.Mode.EXCLUSIVE : wanted;
            held = adoptable(entry, caller);
            if (held == null) {
                held = own(entry, caller);
                granted = held == null;
            }
            refuseIfTaken(entry, caller.nodeId(), held, mode, Purpose.USE);
            if (held == null) {
                held = add(new Held(entry, mode, caller, Purpose.USE));
            } else if (held.mode != mode) {
                throw Refused.badRequest("you hold %s %s already: release it first".formatted(id,
                        held.mode == Lease.Mode.SHARED ? "shared" : "alone"));
            } else {
                adopt(held, caller);
            }
        } finally {
            lock.unlock();
        }
        if (granted) {
            follow(caller);
        }
        return held;
    }

    @Override
    public Optional<Lease> leaseOf(Caller caller, String id) {
        Held adopted;
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry == null) {
                return Optional.empty();
            }
            Held own = own(entry, caller);
            if (own != null && !own.orphaned()) {
                return Optional.of(own);
            }
            adopted = adoptable(entry, caller);
            adopt(adopted, caller);
        } finally {
            lock.unlock();
        }
        if (adopted != null) {
            follow(caller);
        }
        return Optional.ofNullable(adopted);
    }

    @Override
    public Subscription watch(Watcher watcher) {
        watchers.add(watcher);
        return () -> watchers.remove(watcher);
    }

    @Override
    public Optional<Device> device(String id) {
        lock.lock();
        try {
            return Optional.ofNullable(entries.get(id))
                    .map(entry -> new Device(labelled(entry.device.info()), entry.device.driver()));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<Lease> held(String id) {
        lock.lock();
        try {
            Entry entry = entries.get(id);
            return entry == null ? List.of()
                    : entry.leases.stream().filter(held -> held.end == null).map(Lease.class::cast).toList();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<DeviceView> list(Caller caller, String after, int limit) {
        boolean administers = caller.hasRole(Roles.ADMIN);
        return page(caller, after, limit, view -> administers ? view.shared() : view.mode() != AccessMode.NONE);
    }

    @Override
    public List<DeviceView> discover(Caller caller, String after, int limit) {
        return page(caller, after, limit, _ -> true);
    }

    private List<DeviceView> page(Caller caller, String after, int limit, Predicate<DeviceView> wanted) {
        Who who = Who.of(caller);
        lock.lock();
        try {
            return entries.tailMap(after, false).values().stream()
                    .map(entry -> view(entry).seenWith(permits.mode(who, entry.device.info().id())))
                    .filter(wanted).limit(limit).toList();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public DeviceView view(Caller caller, String id) throws Refused {
        lock.lock();
        try {
            return view(seen(caller, id)).seenWith(mode(caller, id));
        } finally {
            lock.unlock();
        }
    }

    /** The device of that id that the caller may see. */
    private Entry seen(Caller caller, String id) throws Refused {
        Entry entry = entries.get(id);
        boolean sees = caller.hasRole(Roles.HUB) || mode(caller, id) != AccessMode.NONE;
        if (entry == null || !sees) {
            throw unknown(id);
        }
        return entry;
    }

    private DeviceView view(Entry entry) {
        DeviceInfo info = entry.device.info();
        Label label = labels.of(info.id());
        Optional<Held> locked = entry.leases.stream()
                .filter(held -> held.end == null && held.purpose == Purpose.LOCK).findFirst();
        Optional<String> holders = holders(entry);
        DeviceView.State state = locked.isPresent() ? DeviceView.State.LOCKED
                : holders.isPresent() ? DeviceView.State.IN_USE : DeviceView.State.FREE;
        return new DeviceView(info.id(), info.kind(), label.name().orElse(info.name()), label.place(), info.place(),
                info.simulated(), state, holders, locked.map(held -> held.until), AccessMode.NONE,
                permits.shared(info.id()));
    }

    @Override
    public DeviceView lock(Caller caller, String id, Duration time, boolean takeOver) throws Refused {
        refuseWithoutSession(caller, id);
        boolean administers = caller.hasRole(Roles.ADMIN);
        if (takeOver && !administers) {
            throw Refused.forbidden("only an administrator may take over what another holds");
        }
        List<Held> others = new ArrayList<>();
        boolean changed = false;
        try {
            DeviceView view = null;
            while (view == null) {
                others.clear();
                view = tryLock(caller, id, time, takeOver, others);
                changed |= view != null;
                for (Held other : others) {
                    audit.note(Audit.Kind.TAKEOVER, caller.name(), Optional.of(id), "took it from " + other.holder());
                    changed |= other.giveWay();
                }
            }
            follow(caller);
            return view;
        } finally {
            if (changed) {
                saveLock(id);
            }
        }
    }

    /**
     * Locks, unless something is to end before.
     *
     * @param others gets what that is
     * @return {@code null} if nothing is locked yet
     */
    private DeviceView tryLock(Caller caller, String id, Duration time, boolean takeOver, List<Held> others)
            throws Refused {
        lock.lock();
        try {
            Entry entry = seen(caller, id);
            refuseIfStopped(id);
            if (!mode(caller, id).covers(Access.WRITE)) {
                throw Refused.forbidden("%s is not shared with you to write, which a lock needs: ask an administrator"
                        .formatted(id));
            }
            if (takeOver) {
                entry.leases.stream().filter(other -> other.end == null && other.purpose != Purpose.ROUTE
                        && !other.nodeId.equals(caller.nodeId())).forEach(others::add);
                if (!others.isEmpty()) {
                    return null;
                }
            }
            Held held = lockOf(entry, caller.nodeId());
            refuseIfTaken(entry, caller.nodeId(), held, Lease.Mode.EXCLUSIVE, Purpose.LOCK);
            if (held == null) {
                held = add(new Held(entry, Lease.Mode.EXCLUSIVE, caller, Purpose.LOCK));
            } else {
                held.moveTo(caller.session());
            }
            held.expireAt(clock.millis() / 1000 + time.toSeconds());
            changed(DeviceEvent.Kind.LOCKED, entry);
            return view(entry).seenWith(mode(caller, id));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public DeviceView unlock(Caller caller, String id) throws Refused {
        Held held;
        lock.lock();
        try {
            held = lockOf(seen(caller, id), caller.nodeId());
        } finally {
            lock.unlock();
        }
        if (held == null) {
            throw Refused.badRequest("%s is not locked by you: lock it first".formatted(id));
        }
        held.release();
        return view(caller, id);
    }

    private void saveLock(String id) {
        locks.save(id, () -> {
            lock.lock();
            try {
                return Optional.ofNullable(entries.get(id)).flatMap(entry -> entry.leases.stream()
                        .filter(held -> held.end == null && held.purpose == Purpose.LOCK).findFirst())
                        .map(held -> new Lock(id, held.nodeId, held.holder, held.until));
            } finally {
                lock.unlock();
            }
        });
    }

    private static Held lockOf(Entry entry, Bytes node) {
        for (Held held : entry.leases) {
            if (held.end == null && held.purpose == Purpose.LOCK && held.nodeId.equals(node)) {
                return held;
            }
        }
        return null;
    }

    @Override
    public DeviceView configure(Caller caller, String id, Optional<String> name, Optional<String> place,
            Fields values) throws Refused {
        Device device = device(id).orElseThrow(() -> unknown(id));
        check(device, values);
        try {
            if (!values.equals(Fields.NONE)) {
                ((Configurable) device.driver()).configure(values);
            }
        } catch (IOException e) {
            throw Refused.unavailable("%s does not take it: %s".formatted(id, e.getMessage()));
        }
        labels.set(id, labels.of(id).with(name, place, values));
        audit.note(Audit.Kind.DEVICE, caller.name(), Optional.of(id), "set up: %s".formatted(String.join(", ",
                Stream.of(name.map(it -> "name " + it), place.map(it -> "place " + it),
                        Optional.of(String.join(", ", values.toMap().keySet())))
                        .flatMap(Optional::stream).filter(text -> !text.isEmpty()).toList())));
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry != null) {
                changed(DeviceEvent.Kind.CHANGED, entry);
            }
        } finally {
            lock.unlock();
        }
        return view(caller, id);
    }

    private static void check(Device device, Fields values) throws Refused {
        Map<String, Setting> settings = device.driver() instanceof Configurable driver
                ? driver.settings().stream().collect(Collectors.toMap(Setting::name, setting -> setting)) : Map.of();
        for (Map.Entry<String, Object> value : values.toMap().entrySet()) {
            Setting setting = settings.get(value.getKey());
            if (setting == null) {
                throw Refused.badRequest("%s has no setting \"%s\"%s".formatted(device.info().id(), value.getKey(),
                        settings.isEmpty() ? ": it has none" : ": it has "
                                + String.join(", ", new TreeSet<>(settings.keySet()))));
            }
            setting.check(value.getValue());
        }
    }

    /** Hands over what was set before the device was unplugged. */
    private void setUpAgain(Device device) {
        Fields values = labels.of(device.info().id()).values();
        if (values.equals(Fields.NONE) || !(device.driver() instanceof Configurable driver)) {
            return;
        }
        schedule.aside(() -> {
            try {
                check(device, values);
                driver.configure(values);
            } catch (IOException | Refused e) {
                LOG.log(System.Logger.Level.WARNING, "{0} does not take the settings it had: {1}", device.info().id(),
                        e.getMessage());
            }
        });
    }

    @Override
    public Following follow(Caller caller, Consumer<DeviceEvent> listener) {
        List<DeviceView> present = new ArrayList<>();
        lock.lock();
        try {
            Subscription end = followers.add(caller, listener, lastEvent, views(), present);
            return new Following(List.copyOf(present), end);
        } finally {
            lock.unlock();
        }
    }

    private List<DeviceView> views() {
        return entries.values().stream().map(this::view).toList();
    }

    /** Tells followers, in the order of the lock. */
    private void changed(DeviceEvent.Kind kind, Entry entry) {
        long number = ++lastEvent;
        if (!followers.isEmpty()) {
            DeviceView view = view(entry);
            schedule.inOrder(() -> followers.tell(number, kind, view));
        }
    }

    /** Ends leases whose holders have no right any more, and tells followers what they see now. */
    private void rightsChanged() {
        List<Held> ended;
        lock.lock();
        try {
            ended = entries.values().stream().flatMap(entry -> entry.leases.stream())
                    .filter(held -> held.end == null && held.who != null && permits.mode(held.who,
                            held.entry.device.info().id()) == AccessMode.NONE).toList();
            if (!followers.isEmpty()) {
                List<DeviceView> now = views();
                schedule.inOrder(() -> followers.reconsider(now));
            }
        } finally {
            lock.unlock();
        }
        ended.forEach(held -> schedule.aside(() -> held.end(Lease.End.REVOKED)));
    }

    /** Refuses a caller while another node holds the device alone; needs no lock if none does. */
    void refuseIfHeld(Caller caller, String id) throws Refused {
        Holder holder = alone.get(id);
        if (holder == null || holder.node.equals(caller.nodeId())) {
            return;
        }
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry != null) {
                refuseIfTaken(entry, caller.nodeId(), adoptable(entry, caller), Lease.Mode.SHARED, Purpose.USE);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Who holds a device alone, if another than that node does. */
    Optional<String> heldByAnother(Bytes node, String id) {
        Holder holder = alone.get(id);
        if (holder == null || holder.node.equals(node)) {
            return Optional.empty();
        }
        lock.lock();
        try {
            return Optional.ofNullable(entries.get(id)).flatMap(DeviceRegistry::holders);
        } finally {
            lock.unlock();
        }
    }

    private Held add(Held held) {
        held.entry.leases.add(held);
        index(held.entry);
        audit.note(Audit.Kind.LEASE, held.holder, Optional.of(held.device().id()), switch (held.purpose) {
            case USE -> held.mode == Lease.Mode.EXCLUSIVE ? "took it into use, alone" : "took it into use";
            case LOCK -> "locked it";
            case ROUTE -> "has it by a route";
        });
        if (held.purpose != Purpose.LOCK) {
            changed(DeviceEvent.Kind.CHANGED, held.entry);
        }
        return held;
    }

    /** Keeps in mind who holds the device alone. */
    private void index(Entry entry) {
        String id = entry.device.info().id();
        for (Held held : entry.leases) {
            if (held.end == null && held.mode == Lease.Mode.EXCLUSIVE) {
                alone.put(id, new Holder(held.nodeId));
                return;
            }
        }
        alone.remove(id);
    }

    private static void refuseWithoutSession(Caller caller, String id) throws Refused {
        if (caller.nodeId().isEmpty() || caller.session().isEmpty()) {
            throw Refused.forbidden("%s can be held only over a session of a node of the family".formatted(id));
        }
    }

    private void refuseIfStopped(String id) throws Refused {
        if (stopped) {
            throw Refused.unavailable("%s cannot be held now, the node stops: try again later".formatted(id));
        }
    }

    @Override
    public Lease reserve(String id, Bytes node, String name) throws Refused {
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry == null) {
                throw unknown(id);
            }
            refuseIfTaken(entry, node, null, Lease.Mode.EXCLUSIVE, Purpose.ROUTE);
            return add(new Held(entry, node, name));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean hand(String id, Bytes from, Bytes to, String name) {
        boolean moved = false;
        String before = "";
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry == null || from.equals(to) || lockOf(entry, from) != null) {
                return false;
            }
            for (Held held : entry.leases) {
                if (held.end == null && held.nodeId.equals(from)) {
                    before = held.holder;
                    held.hand(to, name);
                    moved = true;
                }
            }
            if (moved) {
                index(entry);
                changed(DeviceEvent.Kind.CHANGED, entry);
            }
        } finally {
            lock.unlock();
        }
        if (moved) {
            audit.note(Audit.Kind.TAKEOVER, name, Optional.of(id), "has it from %s by a route".formatted(before));
            narrowed.forEach(Runnable::run);
        }
        return moved;
    }

    /** Runs a task whenever a device goes from one holder to another, as {@link #hand} says. */
    Subscription onNarrowed(Runnable task) {
        narrowed.add(task);
        return () -> narrowed.remove(task);
    }

    @Override
    public void opened(SessionState session, Bytes resumedFrom) {
        lock.lock();
        try {
            sessions.computeIfAbsent(session.peer(), _ -> new HashSet<>()).add(session.uid());
            for (Held held : held(session.peer())) {
                if (held.waits()) {
                    held.moveTo(Bytes.EMPTY);
                } else if (!resumedFrom.isEmpty() && held.session.equals(resumedFrom)) {
                    held.moveTo(session.uid());
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void ended(SessionState session) {
        lock.lock();
        try {
            Set<Bytes> open = sessions.getOrDefault(session.peer(), new HashSet<>());
            open.remove(session.uid());
            if (open.isEmpty()) {
                sessions.remove(session.peer());
                held(session.peer()).stream().filter(held -> held.waits() && !held.orphaned()).forEach(Held::orphan);
            }
        } finally {
            lock.unlock();
        }
        sessionEnded(session.uid());
    }

    /** What a node holds. */
    private List<Held> held(Bytes node) {
        return entries.values().stream().flatMap(entry -> entry.leases.stream())
                .filter(held -> held.end == null && held.nodeId.equals(node)).toList();
    }

    @Override
    public boolean holds(Bytes session) {
        lock.lock();
        try {
            return entries.values().stream().flatMap(entry -> entry.leases.stream())
                    .anyMatch(held -> held.end == null && (held.session.equals(session) || held.waits()
                            && sessions.getOrDefault(held.nodeId, Set.of()).contains(session)));
        } finally {
            lock.unlock();
        }
    }

    private void sessionEnded(Bytes uid) {
        lock.lock();
        try {
            for (Entry entry : entries.values()) {
                for (Held held : entry.leases) {
                    if (held.session.equals(uid) && held.end == null && !held.orphaned()) {
                        held.orphan();
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** The caller's lease over this session, or {@code null}. */
    private static Held own(Entry entry, Caller caller) {
        for (Held held : entry.leases) {
            if (held.end == null && held.purpose == Purpose.USE && held.session.equals(caller.session())
                    && held.nodeId.equals(caller.nodeId())) {
                return held;
            }
        }
        return null;
    }

    /** A lease of the caller's node whose session has ended, or {@code null}. */
    private static Held adoptable(Entry entry, Caller caller) {
        for (Held held : entry.leases) {
            if (held.end == null && held.purpose == Purpose.USE && (held.orphaned() || held.waits())
                    && !caller.anonymous()
                    && held.nodeId.equals(caller.nodeId())) {
                return held;
            }
        }
        return null;
    }

    private static void adopt(Held held, Caller caller) {
        if (held != null) {
            held.moveTo(caller.session());
            held.who = Who.of(caller);
        }
    }

    /** A session that has ended by now, or ends later, begins the grace time of what was granted over it. */
    private void follow(Caller caller) {
        caller.onSessionEnd(() -> sessionEnded(caller.session()));
    }

    static Refused unknown(String id) {
        return Refused.notFound(
                "no device \"%s\" is here or shared with you: list what is, plug it in, or ask an administrator"
                        .formatted(id.length() > 64 ? id.substring(0, 64) + "…" : id));
    }

    private void refuseIfTaken(Entry entry, Bytes node, Held mine, Lease.Mode mode, Purpose purpose) throws Refused {
        for (Held held : entry.leases) {
            boolean excludes = held.mode == Lease.Mode.EXCLUSIVE || mode == Lease.Mode.EXCLUSIVE;
            boolean beside = held.end == null && held.nodeId.equals(node)
                    && (purpose != Purpose.USE || held.purpose != Purpose.USE);
            if (held == mine || !excludes || beside) {
                continue;
            }
            String id = entry.device.info().id();
            if (held.end != null) {
                throw Refused.unavailable("%s is being given back by %s: try again".formatted(id, held.holder));
            }
            if (held.purpose == Purpose.LOCK) {
                throw Refused.forbidden("%s is locked by %s for %d s more: wait, or have an administrator take it over"
                        .formatted(id, held.holder, Math.max(0, held.until - clock.millis() / 1000)));
            }
            if (held.orphaned()) {
                throw Refused.forbidden("%s is held by %s, whose session ended: free within %d s unless it comes back"
                        .formatted(id, held.holder, grace.toSeconds()));
            }
            throw Refused.forbidden("%s is held by %s%s: free once it is given back or that session ends".formatted(id,
                    held.holder, held.nodeId.equals(node) ? " over another session" : ""));
        }
    }

    private void tell(Consumer<Watcher> news) {
        schedule.inOrder(() -> {
            for (Watcher watcher : watchers) {
                try {
                    news.accept(watcher);
                } catch (RuntimeException e) {
                    LOG.log(System.Logger.Level.ERROR, "a watcher of devices failed", e);
                }
            }
        });
    }

    /** Where one source reports. */
    private final class Sink implements DeviceSink {

        private boolean closed;

        @Override
        public void appeared(Device device) {
            DeviceInfo info = device.info();
            DeviceInfo gone = null;
            List<Held> ended = List.of();
            lock.lock();
            try {
                if (closed) {
                    return;
                }
                Entry before = entries.get(info.id());
                if (before != null && before.absent) {
                    before.device = device;
                    before.sink = this;
                    before.absent = false;
                    before.leases.stream().filter(held -> held.use != null)
                            .forEach(held -> schedule.aside(() -> held.resume(device)));
                    return;
                }
                if (before != null && before.sink != this) {
                    LOG.log(System.Logger.Level.WARNING, "two drivers offer a device {0}: the one at {1} is left out",
                            info.id(), info.place());
                    return;
                }
                if (before != null && before.device.driver() == device.driver()) {
                    before.device = device;
                    return;
                }
                if (before != null) {
                    gone = before.device.info();
                    ended = List.copyOf(before.leases);
                }
                Entry entry = new Entry(device, this);
                if (before != null) {
                    changed(DeviceEvent.Kind.VANISHED, before);
                }
                entries.put(info.id(), entry);
                lockAgain(entry);
                index(entry);
                changed(DeviceEvent.Kind.APPEARED, entry);
                if (gone != null) {
                    DeviceInfo replaced = gone;
                    tell(watcher -> watcher.vanished(replaced));
                }
                tell(watcher -> watcher.appeared(info));
            } finally {
                lock.unlock();
            }
            endAside(ended);
            setUpAgain(device);
        }

        @Override
        public void vanished(String id) {
            List<Held> ended;
            lock.lock();
            try {
                Entry entry = entries.get(id);
                if (entry == null || entry.sink != this) {
                    return;
                }
                changed(DeviceEvent.Kind.VANISHED, entry);
                entries.remove(id);
                alone.remove(id);
                ended = List.copyOf(entry.leases);
                DeviceInfo gone = entry.device.info();
                tell(watcher -> watcher.vanished(gone));
            } finally {
                lock.unlock();
            }
            endAside(ended);
        }

        void close() {
            List<String> ids;
            lock.lock();
            try {
                ids = entries.values().stream().filter(entry -> entry.sink == this)
                        .map(entry -> entry.device.info().id()).toList();
            } finally {
                lock.unlock();
            }
            ids.forEach(this::vanished);
            lock.lock();
            try {
                closed = true;
            } finally {
                lock.unlock();
            }
        }

        /** A lock that the device had when the node stopped is there for a grace, or until its node is. */
        private void lockAgain(Entry entry) {
            Lock before = locks.before(entry.device.info().id());
            if (before != null && before.until() > clock.millis() / 1000) {
                Held held = new Held(entry, before);
                entry.leases.add(held);
                held.expireAt(before.until());
                if (!sessions.containsKey(before.node())) {
                    held.orphan();
                }
            } else if (before != null) {
                schedule.aside(() -> saveLock(before.device()));
            }
        }

        private void endAside(List<Held> ended) {
            ended.forEach(held -> schedule.aside(() -> held.end(Lease.End.VANISHED)));
        }
    }

    /** A lease; the registry's lock guards its fields. */
    private final class Held implements Lease {

        private final Entry entry;
        private final Mode mode;
        private final Purpose purpose;
        private Who who;
        private Bytes nodeId;
        private String holder;
        private Bytes session;
        private Object orphanage;
        private Object expiry;
        private Runnable callOff;
        private long until;
        private Runnable callOffEnd = () -> { };
        private End end;
        private Use use;
        private Map<String, Object> useBefore = Map.of();
        private final List<Consumer<End>> tasks = new ArrayList<>();

        Held(Entry entry, Mode mode, Caller caller, Purpose purpose) {
            this.entry = entry;
            this.mode = mode;
            this.purpose = purpose;
            this.who = Who.of(caller);
            this.nodeId = caller.nodeId();
            this.holder = caller.name();
            this.session = caller.session();
        }

        /** Reserved for a node, alone. */
        Held(Entry entry, Bytes nodeId, String holder) {
            this.entry = entry;
            this.mode = Mode.EXCLUSIVE;
            this.purpose = Purpose.ROUTE;
            this.nodeId = nodeId;
            this.holder = holder;
            this.session = Bytes.EMPTY;
        }

        /** What {@link #toMap} of the registry before gave. */
        @SuppressWarnings("unchecked")
        Held(Entry entry, Map<?, ?> map) {
            this.entry = entry;
            this.mode = Mode.valueOf((String) map.get("mode"));
            this.purpose = Purpose.valueOf((String) map.get("purpose"));
            this.nodeId = Bytes.ofHex((String) map.get("node"));
            this.holder = (String) map.get("holder");
            this.session = Bytes.ofHex((String) map.get("session"));
            this.useBefore = (Map<String, Object>) map.get("use");
            if (map.get("until") instanceof Long end && end > 0) {
                expireAt(end);
            }
        }

        /** All of it in types of the JDK, for the next version of the registry. */
        Map<String, Object> toMap() {
            DeviceInfo info = entry.device.info();
            Map<String, Object> map = new HashMap<>(Map.of("device", info.id(), "kind", info.kind(), "name", info.name(),
                    "place", info.place(), "simulated", info.simulated(), "mode", mode.name(), "purpose", purpose.name(),
                    "node", nodeId.toHex(), "holder", holder, "session", session.toHex()));
            map.put("until", until);
            map.put("use", use == null ? useBefore : use.state());
            return map;
        }

        void resume(Device device) {
            Use resumed;
            lock.lock();
            try {
                resumed = use;
            } finally {
                lock.unlock();
            }
            if (resumed == null || resumed.resume(device)) {
                return;
            }
            Map<String, Object> state = resumed.state();
            lock.lock();
            try {
                if (use == resumed) {
                    useBefore = state;
                    use = null;
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public <U extends Use> U use(U fresh) {
            lock.lock();
            try {
                if (end == null) {
                    if (use == null) {
                        use = fresh;
                    }
                    @SuppressWarnings("unchecked")
                    U kept = use.getClass() == fresh.getClass() ? (U) use : fresh;
                    return kept;
                }
            } finally {
                lock.unlock();
            }
            fresh.end(end);
            return fresh;
        }

        @Override
        public <U extends Use> Optional<U> use(Class<U> type) {
            lock.lock();
            try {
                if (use != null && use.getClass() != type && use.getClass().getName().equals(type.getName())) {
                    // Of the version before, which the driver's next version does not know.
                    useBefore = use.state();
                    use = null;
                }
                return type.isInstance(use) ? Optional.of(type.cast(use)) : Optional.empty();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public Map<String, Object> useBefore() {
            lock.lock();
            try {
                return useBefore;
            } finally {
                lock.unlock();
            }
        }

        /** A lock from before a restart. */
        Held(Entry entry, Lock lock) {
            this.entry = entry;
            this.mode = Mode.EXCLUSIVE;
            this.purpose = Purpose.LOCK;
            this.nodeId = lock.node();
            this.holder = lock.holder();
            this.session = Bytes.EMPTY;
        }

        /** Whether it was handed to a node that has not used it yet. */
        boolean waits() {
            return session.isEmpty() && purpose != Purpose.ROUTE;
        }

        void hand(Bytes to, String name) {
            nodeId = to;
            holder = name;
            who = null;
            if (purpose != Purpose.ROUTE) {
                moveTo(Bytes.EMPTY);
                if (!sessions.containsKey(to)) {
                    orphan();
                }
            }
        }

        boolean orphaned() {
            return orphanage != null;
        }

        void orphan() {
            Object mine = new Object();
            orphanage = mine;
            callOff = schedule.after(grace, () -> end(End.EXPIRED, () -> orphanage == mine));
        }

        void moveTo(Bytes session) {
            this.session = session;
            if (orphaned()) {
                orphanage = null;
                callOff.run();
            }
        }

        /** Ends it at a time, Unix seconds, in place of one that was set before. */
        void expireAt(long time) {
            callOffEnd.run();
            until = time;
            Object mine = new Object();
            expiry = mine;
            Duration left = Duration.ofSeconds(Math.max(1, time - clock.millis() / 1000));
            callOffEnd = schedule.after(left, () -> end(End.EXPIRED, () -> expiry == mine));
        }

        void end(End why) {
            end(why, () -> true);
        }

        private void end(End why, BooleanSupplier still) {
            if (cease(why, still)) {
                saveLock(device().id());
            }
        }

        /**
         * Ends it for another lock. What is kept of it stays until that is kept in its place, so that a crash in between
         * leaves one or the other.
         *
         * @return whether something is kept
         */
        boolean giveWay() {
            return cease(End.REVOKED, () -> true);
        }

        /** @return whether it has ended now and what is kept of it is no longer true */
        private boolean cease(End why, BooleanSupplier still) {
            List<Consumer<End>> due;
            lock.lock();
            try {
                if (end != null || !still.getAsBoolean()) {
                    return false;
                }
                end = why;
                due = new ArrayList<>(tasks);
                if (use != null) {
                    due.add(use::end);
                }
                tasks.clear();
                if (orphaned()) {
                    callOff.run();
                }
                callOffEnd.run();
                index(entry);
                if (why != End.VANISHED && why != End.STOPPED) {
                    changed(purpose == Purpose.LOCK ? DeviceEvent.Kind.UNLOCKED : DeviceEvent.Kind.CHANGED, entry);
                }
            } finally {
                lock.unlock();
            }
            audit.note(Audit.Kind.LEASE, holder, Optional.of(device().id()), ended(why));
            due.forEach(task -> run(task, why));
            lock.lock();
            try {
                entry.leases.remove(this);
            } finally {
                lock.unlock();
            }
            return purpose == Purpose.LOCK && why != End.STOPPED;
        }

        private static String ended(End why) {
            return switch (why) {
                case RELEASED -> "gave it back";
                case EXPIRED -> "had it until its time or its session ended";
                case REVOKED -> "had it taken away";
                case VANISHED -> "had it until it was unplugged";
                case STOPPED -> "had it until the node stopped";
            };
        }

        private void run(Consumer<End> task, End why) {
            try {
                task.accept(why);
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "putting " + device().id() + " into its safe state failed", e);
            }
        }

        @Override
        public DeviceInfo device() {
            return entry.device.info();
        }

        @Override
        public Mode mode() {
            return mode;
        }

        @Override
        public String holder() {
            lock.lock();
            try {
                return holder;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public Bytes node() {
            lock.lock();
            try {
                return nodeId;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public boolean active() {
            lock.lock();
            try {
                return end == null;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void release() {
            end(End.RELEASED);
        }

        @Override
        public void onEnd(Consumer<End> task) {
            End ended;
            lock.lock();
            try {
                ended = end;
                if (ended == null) {
                    tasks.add(task);
                    return;
                }
            } finally {
                lock.unlock();
            }
            run(task, ended);
        }
    }
}
