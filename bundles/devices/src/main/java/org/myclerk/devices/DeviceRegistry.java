package org.myclerk.devices;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.device.DeviceSource;
import org.myclerk.api.device.Devices;
import org.myclerk.api.device.Lease;
import org.myclerk.api.node.SessionListener;
import org.myclerk.api.node.SessionState;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * What is plugged in, as the drivers say, and who holds it (§6.2).
 *
 * <p>One lock guards all state and is never held while a driver, a task at a lease's end or a watcher runs. A lease
 * that has ended keeps others off its device until those tasks are done, so that nobody gets a device that is still
 * on its way into its safe state.
 */
@Component(service = {Devices.class, SessionListener.class}, configurationPid = "org.myclerk.devices")
public final class DeviceRegistry implements Devices, SessionListener {

    private static final System.Logger LOG = System.getLogger("org.myclerk.devices");

    /** Configuration of the registry. */
    public @interface Config {

        /** How long a lease outlives its session, in seconds; 0 ends it with the session. */
        int graceSeconds() default 30;
    }

    private final Duration grace;
    private final Schedule schedule;
    private final ReentrantLock lock = new ReentrantLock();
    private final TreeMap<String, Entry> entries = new TreeMap<>();
    private final Map<DeviceSource, Sink> sources = new HashMap<>();
    private final Map<Bytes, Set<Bytes>> sessions = new HashMap<>();
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
    private final List<Runnable> narrowed = new CopyOnWriteArrayList<>();
    private boolean stopped;

    /** A device while it stays plugged in, and its leases. */
    private static final class Entry {

        private Device device;
        private final Sink sink;
        private final List<Held> leases = new ArrayList<>();

        Entry(Device device, Sink sink) {
            this.device = device;
            this.sink = sink;
        }
    }

    @Activate
    public DeviceRegistry(Config config) {
        this(Duration.ofSeconds(Math.max(0, config.graceSeconds())));
    }

    /** @param grace how long a lease outlives its session */
    public DeviceRegistry(Duration grace) {
        this(grace, new Schedule.Threads());
    }

    DeviceRegistry(Duration grace, Schedule schedule) {
        this.grace = grace;
        this.schedule = schedule;
    }

    @Deactivate
    public void stop() {
        List<Held> ended;
        lock.lock();
        try {
            stopped = true;
            ended = entries.values().stream().flatMap(entry -> entry.leases.stream()).toList();
        } finally {
            lock.unlock();
        }
        ended.forEach(held -> held.end(Lease.End.STOPPED));
        schedule.stop();
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
        if (sink != null) {
            sink.close();
        }
    }

    @Override
    public List<Listed> visibleTo(Caller caller, Class<?> driver) {
        lock.lock();
        try {
            return entries.values().stream().filter(entry -> driver.isInstance(entry.device.driver()))
                    .map(entry -> new Listed(entry.device.info(), holders(entry))).toList();
        } finally {
            lock.unlock();
        }
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
            if (entry == null || !driver.isInstance(entry.device.driver())) {
                throw unknown(id);
            }
            adopted = adoptable(entry, caller);
            refuseIfTaken(entry, caller, adopted, Lease.Mode.SHARED);
            found = driver.cast(entry.device.driver());
            adopt(adopted, caller);
        } finally {
            lock.unlock();
        }
        follow(caller, adopted);
        return found;
    }

    @Override
    public Lease lease(Caller caller, String id, Lease.Mode mode) throws Refused {
        if (caller.nodeId().isEmpty() || caller.session().isEmpty()) {
            throw Refused.forbidden("%s can be held only over a session of a node of the family".formatted(id));
        }
        Held held;
        boolean granted = true;
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry == null) {
                throw unknown(id);
            }
            if (stopped) {
                throw Refused.unavailable("%s cannot be held now, the node stops: try again later".formatted(id));
            }
            held = adoptable(entry, caller);
            if (held == null) {
                held = own(entry, caller);
                granted = held == null;
            }
            refuseIfTaken(entry, caller, held, mode);
            if (held == null) {
                held = new Held(entry, mode, caller);
                entry.leases.add(held);
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
            follow(caller, held);
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
            if (own != null) {
                return Optional.of(own);
            }
            adopted = adoptable(entry, caller);
            adopt(adopted, caller);
        } finally {
            lock.unlock();
        }
        follow(caller, adopted);
        return Optional.ofNullable(adopted);
    }

    @Override
    public Subscription watch(Watcher watcher) {
        watchers.add(watcher);
        return () -> watchers.remove(watcher);
    }

    @Override
    public Optional<DeviceInfo> find(String id) {
        lock.lock();
        try {
            return Optional.ofNullable(entries.get(id)).map(entry -> entry.device.info());
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
    public Lease reserve(String id, Bytes node, String name) throws Refused {
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry == null) {
                throw unknown(id);
            }
            refuseIfTaken(entry, node, null, Lease.Mode.EXCLUSIVE);
            Held held = new Held(entry, node, name);
            entry.leases.add(held);
            return held;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean hand(String id, Bytes from, Bytes to, String name) {
        boolean moved = false;
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry == null || from.equals(to)) {
                return false;
            }
            for (Held held : entry.leases) {
                if (held.end == null && held.nodeId.equals(from)) {
                    held.hand(to, name);
                    moved = true;
                }
            }
        } finally {
            lock.unlock();
        }
        if (moved) {
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
            if (held.end == null && held.session.equals(caller.session()) && held.nodeId.equals(caller.nodeId())) {
                return held;
            }
        }
        return null;
    }

    /** A lease of the caller's node whose session has ended, or {@code null}. */
    private static Held adoptable(Entry entry, Caller caller) {
        for (Held held : entry.leases) {
            if (held.end == null && (held.orphaned() || held.waits()) && !caller.anonymous()
                    && held.nodeId.equals(caller.nodeId())) {
                return held;
            }
        }
        return null;
    }

    private static void adopt(Held held, Caller caller) {
        if (held != null) {
            held.moveTo(caller.session());
        }
    }

    /** A session that has ended by now, or ends later, begins the grace time of what was granted over it. */
    private void follow(Caller caller, Held granted) {
        if (granted != null) {
            caller.onSessionEnd(() -> sessionEnded(caller.session()));
        }
    }

    private static Refused unknown(String id) {
        return Refused.notFound("no such device here: \"%s\"; list what is there, or plug it in".formatted(id));
    }

    private void refuseIfTaken(Entry entry, Caller caller, Held mine, Lease.Mode mode) throws Refused {
        refuseIfTaken(entry, caller.nodeId(), mine == null ? own(entry, caller) : mine, mode);
    }

    private void refuseIfTaken(Entry entry, Bytes node, Held mine, Lease.Mode mode) throws Refused {
        for (Held held : entry.leases) {
            boolean excludes = held.mode == Lease.Mode.EXCLUSIVE || mode == Lease.Mode.EXCLUSIVE;
            boolean beside = held.reserved && held.end == null && held.nodeId.equals(node);
            if (held == mine || !excludes || beside) {
                continue;
            }
            String id = entry.device.info().id();
            if (held.end != null) {
                throw Refused.unavailable("%s is being given back by %s: try again".formatted(id, held.holder));
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
                entries.put(info.id(), new Entry(device, this));
                if (gone != null) {
                    DeviceInfo replaced = gone;
                    tell(watcher -> watcher.vanished(replaced));
                }
                tell(watcher -> watcher.appeared(info));
            } finally {
                lock.unlock();
            }
            endAside(ended);
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
                entries.remove(id);
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

        private void endAside(List<Held> ended) {
            ended.forEach(held -> schedule.aside(() -> held.end(Lease.End.VANISHED)));
        }
    }

    /** A lease; the registry's lock guards its fields. */
    private final class Held implements Lease {

        private final Entry entry;
        private final Mode mode;
        private final boolean reserved;
        private Bytes nodeId;
        private String holder;
        private Bytes session;
        private Object orphanage;
        private Runnable callOff;
        private End end;
        private final List<Consumer<End>> tasks = new ArrayList<>();

        Held(Entry entry, Mode mode, Caller caller) {
            this.entry = entry;
            this.mode = mode;
            this.reserved = false;
            this.nodeId = caller.nodeId();
            this.holder = caller.name();
            this.session = caller.session();
        }

        /** Reserved for a node, alone. */
        Held(Entry entry, Bytes nodeId, String holder) {
            this.entry = entry;
            this.mode = Mode.EXCLUSIVE;
            this.reserved = true;
            this.nodeId = nodeId;
            this.holder = holder;
            this.session = Bytes.EMPTY;
        }

        /** Whether it was handed to a node that has not used it yet. */
        boolean waits() {
            return session.isEmpty() && !reserved;
        }

        void hand(Bytes to, String name) {
            nodeId = to;
            holder = name;
            if (!reserved) {
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

        void end(End why) {
            end(why, () -> true);
        }

        private void end(End why, BooleanSupplier still) {
            List<Consumer<End>> due;
            lock.lock();
            try {
                if (end != null || !still.getAsBoolean()) {
                    return;
                }
                end = why;
                due = List.copyOf(tasks);
                tasks.clear();
                if (orphaned()) {
                    callOff.run();
                }
            } finally {
                lock.unlock();
            }
            due.forEach(task -> run(task, why));
            lock.lock();
            try {
                entry.leases.remove(this);
            } finally {
                lock.unlock();
            }
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
