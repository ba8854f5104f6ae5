package org.myclerk.devices;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.stream.Stream;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.device.DeviceEvent;
import org.myclerk.api.device.DeviceView;
import org.myclerk.api.device.Lease;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Audit;
import org.myclerk.api.guard.Who;
import org.myclerk.api.node.Roles;
import org.myclerk.api.node.SessionState;
import org.myclerk.api.operation.Access;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;

/**
 * Who holds which device, and who may not because of that. A lease that has ended keeps others off its device
 * until the tasks at its end are done, so that nobody gets a device that is still on its way into its safe
 * state. Thread-safe.
 */
final class Leases {

    private static final Duration SOON = Duration.ofMillis(100);

    final Inventory there;
    final Schedule schedule;
    private final Duration grace;
    private final Permits permits;
    private final Audit audit;
    private final Locks locks;
    private final InstantSource clock;
    private final ReentrantLock lock;
    private final Map<String, Entry> entries;
    private final Map<Bytes, Set<Bytes>> sessions = new HashMap<>();
    private final List<Runnable> narrowed = new CopyOnWriteArrayList<>();
    private final Map<String, Holder> alone = new ConcurrentHashMap<>();
    /**
     * What runs when a session ends over which something was granted. A session may outlive this registry,
     * and then holds a task that was cancelled, and nothing of this bundle's.
     */
    private final Map<Bytes, FutureTask<Void>> followed = new HashMap<>();
    private Drivers drivers;
    private boolean stopped;

    /** Who holds a device alone. */
    private record Holder(Bytes node) {
    }

    /** @param grace how long a lease outlives its session */
    Leases(Inventory there, Duration grace, Schedule schedule, InstantSource clock, Permits permits,
            Audit audit, Locks locks) {
        this.there = there;
        this.lock = there.lock;
        this.entries = there.entries;
        this.grace = grace;
        this.schedule = schedule;
        this.clock = clock;
        this.permits = permits;
        this.audit = audit;
        this.locks = locks;
    }

    /** What holders have open concerns those as well. */
    void followedBy(Drivers drivers) {
        this.drivers = drivers;
    }

    /** A holder has something open. */
    void kept(Held held) {
        drivers.kept(held);
    }

    /** What a holder has open is made anew and waits for its driver. */
    void renewed(Held held) {
        drivers.resume(held);
    }

    /** How to make anew what was open on a device. Under the lock. */
    Optional<BiFunction<Lease, Map<String, Object>, Lease.Use>> again(Entry entry) {
        return drivers.again(entry);
    }

    /** All of them. Under the lock. */
    Stream<Held> all() {
        return there.all().flatMap(entry -> entry.leases.stream());
    }

    /** Grants no more, and tells what there is. */
    List<Held> close() {
        lock.lock();
        try {
            stopped = true;
            followed.values().forEach(end -> end.cancel(false));
            followed.clear();
            return all().toList();
        } finally {
            lock.unlock();
        }
    }

    <D> D get(Caller caller, String id, Class<D> driver) throws Refused {
        Held adopted;
        D found;
        lock.lock();
        try {
            Entry entry = entries.get(id);
            AccessMode mode = there.mode(caller, id);
            if (mode != AccessMode.NONE) {
                refuseIfAbsent(entry);
            }
            if (entry == null || mode == AccessMode.NONE || !driver.isInstance(entry.device.driver())) {
                throw Inventory.unknown(id);
            }
            adopted = adoptable(entry, caller);
            Held mine = adopted == null ? own(entry, caller) : adopted;
            boolean takes = mode == AccessMode.EXCLUSIVE && mine == null;
            if (takes) {
                refuseWithoutSession(caller, id);
            }
            refuseIfTaken(entry, caller.nodeId(), mine, takes ? Lease.Mode.EXCLUSIVE : Lease.Mode.SHARED,
                    Held.Purpose.USE);
            found = driver.cast(entry.device.driver());
            adopt(adopted, caller);
            if (takes) {
                adopted = add(new Held(this, entry, Lease.Mode.EXCLUSIVE, caller, Held.Purpose.USE));
            }
        } finally {
            lock.unlock();
        }
        if (adopted != null) {
            follow(caller);
        }
        return found;
    }

    Lease lease(Caller caller, String id, Lease.Mode wanted) throws Refused {
        refuseWithoutSession(caller, id);
        Held held;
        boolean granted = true;
        lock.lock();
        try {
            Entry entry = entries.get(id);
            AccessMode right = there.mode(caller, id);
            if (entry == null || right == AccessMode.NONE) {
                throw Inventory.unknown(id);
            }
            refuseIfStopped(id);
            Lease.Mode mode = right == AccessMode.EXCLUSIVE ? Lease.Mode.EXCLUSIVE : wanted;
            held = adoptable(entry, caller);
            if (held == null) {
                held = own(entry, caller);
                granted = held == null;
            }
            refuseIfTaken(entry, caller.nodeId(), held, mode, Held.Purpose.USE);
            if (held == null) {
                held = add(new Held(this, entry, mode, caller, Held.Purpose.USE));
            } else if (held.mode() != mode) {
                throw Refused.badRequest("you hold %s %s already: release it first".formatted(id,
                        held.mode() == Lease.Mode.SHARED ? "shared" : "alone"));
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

    Optional<Lease> leaseOf(Caller caller, String id) {
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

    List<Lease> held(String id) {
        lock.lock();
        try {
            Entry entry = entries.get(id);
            return entry == null ? List.of()
                    : entry.leases.stream().filter(Held::lasts).map(Lease.class::cast).toList();
        } finally {
            lock.unlock();
        }
    }

    DeviceView lock(Caller caller, String id, Duration time, boolean takeOver) throws Refused {
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
                    audit.note(Audit.Kind.TAKEOVER, caller.name(), Optional.of(id),
                            "took it from " + other.holder());
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
            Entry entry = there.seen(caller, id);
            refuseIfStopped(id);
            if (!there.mode(caller, id).covers(Access.WRITE)) {
                throw Refused.forbidden(
                        "%s is not shared with you to write, which a lock needs: ask an administrator"
                        .formatted(id));
            }
            if (takeOver) {
                entry.leases.stream().filter(other -> other.lasts() && other.purpose() != Held.Purpose.ROUTE
                        && !other.isOf(caller.nodeId())).forEach(others::add);
                if (!others.isEmpty()) {
                    return null;
                }
            }
            Held held = entry.lockOf(caller.nodeId());
            refuseIfTaken(entry, caller.nodeId(), held, Lease.Mode.EXCLUSIVE, Held.Purpose.LOCK);
            if (held == null) {
                held = add(new Held(this, entry, Lease.Mode.EXCLUSIVE, caller, Held.Purpose.LOCK));
            } else {
                held.moveTo(caller.session());
            }
            held.expireAt(now() + time.toSeconds());
            there.changed(DeviceEvent.Kind.LOCKED, entry);
            return there.view(entry).seenWith(there.mode(caller, id));
        } finally {
            lock.unlock();
        }
    }

    DeviceView unlock(Caller caller, String id) throws Refused {
        Held held;
        boolean waited;
        lock.lock();
        try {
            there.view(caller, id);
            held = entries.containsKey(id) ? entries.get(id).lockOf(caller.nodeId()) : null;
            waited = locks.waiting(id).filter(it -> it.node().equals(caller.nodeId())).isPresent();
            if (waited) {
                locks.take(id);
            }
        } finally {
            lock.unlock();
        }
        if (held != null) {
            held.release();
        } else if (waited) {
            saveLock(id);
        } else {
            throw Refused.badRequest("%s is not locked by you: lock it first".formatted(id));
        }
        DeviceView view = there.view(caller, id);
        if (waited) {
            there.changed(id);
        }
        return view;
    }

    /** Keeps what the lock on a device is now. */
    void saveLock(String id) {
        locks.save(id, () -> {
            lock.lock();
            try {
                return Optional.ofNullable(entries.get(id)).flatMap(Entry::locked)
                        .map(Held::lock).or(() -> locks.waiting(id));
            } finally {
                lock.unlock();
            }
        });
    }

    Lease reserve(String id, Bytes node, String name) throws Refused {
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry == null) {
                throw Inventory.unknown(id);
            }
            refuseIfTaken(entry, node, null, Lease.Mode.EXCLUSIVE, Held.Purpose.ROUTE);
            return add(new Held(this, entry, node, name));
        } finally {
            lock.unlock();
        }
    }

    boolean hand(String id, Bytes from, Bytes to, String name) {
        boolean moved = false;
        String before = "";
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry == null || from.equals(to) || entry.lockOf(from) != null) {
                return false;
            }
            for (Held held : entry.leases) {
                if (held.lasts() && held.isOf(from)) {
                    before = held.holder();
                    held.hand(to, name);
                    moved = true;
                }
            }
            if (moved) {
                index(entry);
                there.changed(DeviceEvent.Kind.CHANGED, entry);
            }
        } finally {
            lock.unlock();
        }
        if (moved) {
            audit.note(Audit.Kind.TAKEOVER, name, Optional.of(id),
                    "has it from %s by a route".formatted(before));
            narrow();
        }
        return moved;
    }

    /** Has those that rest on a device asked again whether they may. */
    void narrow() {
        narrowed.forEach(Runnable::run);
    }

    /** Ends those whose holders have no right any more. */
    void reconsider() {
        List<Held> ended;
        lock.lock();
        try {
            ended = all().filter(held -> held.lasts() && !held.permitted(permits)).toList();
        } finally {
            lock.unlock();
        }
        endAside(ended, Lease.End.REVOKED);
    }

    /** A lock that a device had when it went, or the node stopped, is there again. Under the lock. */
    void lockAgain(Entry entry) {
        Lock before = locks.take(entry.id());
        if (before != null && before.until() > now()) {
            Held held = new Held(this, entry, before);
            entry.leases.add(held);
            held.expireAt(before.until());
            if (!connected(before.node())) {
                held.orphan();
            }
        } else if (before != null) {
            schedule.aside(() -> saveLock(before.device()));
        }
        index(entry);
    }

    /**
     * A device has gone; a lock on it waits until it comes back. Under the lock.
     *
     * @return what ends with it, without the lock
     */
    List<Held> vanished(Entry entry) {
        alone.remove(entry.id());
        entry.locked().ifPresent(held -> locks.await(held.lock()));
        return List.copyOf(entry.leases);
    }

    void endAside(List<Held> ended, Lease.End why) {
        ended.forEach(held -> schedule.aside(() -> held.end(why)));
    }

    /** Takes over a lease of the registry before this one. Under the lock. */
    void takeOver(Entry entry, Map<?, ?> lease) {
        locks.take(entry.id());
        Held held = new Held(this, entry, lease);
        if (held.purpose() == Held.Purpose.LOCK && entry.lockOf(held.node()) != null) {
            return;
        }
        add(held);
        if (held.purpose() != Held.Purpose.ROUTE && !held.waits()) {
            held.orphan();
        }
    }

    /** Unix seconds. */
    long now() {
        return clock.millis() / 1000;
    }

    Duration grace() {
        return grace;
    }

    /** Whether a node has a session. Under the lock. */
    boolean connected(Bytes node) {
        return sessions.containsKey(node);
    }

    /** A lease has ended. Under the lock. */
    void hasEnded(Held held, Lease.End why) {
        index(held.entry());
        if (why != Lease.End.VANISHED && why != Lease.End.STOPPED) {
            there.changed(held.purpose() == Held.Purpose.LOCK ? DeviceEvent.Kind.UNLOCKED
                    : DeviceEvent.Kind.CHANGED, held.entry());
        }
    }

    void note(Held held, Lease.End why) {
        audit.note(Audit.Kind.LEASE, held.holder(), Optional.of(held.entry().id()), switch (why) {
            case RELEASED -> "gave it back";
            case EXPIRED -> "had it until its time or its session ended";
            case REVOKED -> "had it taken away";
            case VANISHED -> "had it until it was unplugged";
            case STOPPED -> "had it until the node stopped";
        });
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
                refuseIfTaken(entry, caller.nodeId(), adoptable(entry, caller), Lease.Mode.SHARED,
                        Held.Purpose.USE);
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
            return Optional.ofNullable(entries.get(id)).flatMap(Entry::holders);
        } finally {
            lock.unlock();
        }
    }

    /** Runs a task whenever a device goes from one holder to another, and when {@link #narrow} is called. */
    Subscription onNarrowed(Runnable task) {
        narrowed.add(task);
        return () -> narrowed.remove(task);
    }

    void opened(SessionState session, Bytes resumedFrom) {
        lock.lock();
        try {
            sessions.computeIfAbsent(session.peer(), _ -> new HashSet<>()).add(session.uid());
            for (Held held : heldBy(session.peer())) {
                if (held.waits()) {
                    held.returned(new Who(session.peer(), Set.copyOf(session.roles())));
                } else if (!resumedFrom.isEmpty() && held.isOver(resumedFrom)) {
                    held.moveTo(session.uid());
                }
            }
        } finally {
            lock.unlock();
        }
        reconsider();
    }

    void ended(SessionState session) {
        lock.lock();
        try {
            Set<Bytes> open = sessions.getOrDefault(session.peer(), new HashSet<>());
            open.remove(session.uid());
            if (open.isEmpty()) {
                sessions.remove(session.peer());
                heldBy(session.peer()).stream().filter(held -> held.waits() && !held.orphaned())
                        .forEach(Held::orphan);
            }
        } finally {
            lock.unlock();
        }
        sessionEnded(session.uid());
    }

    /** What a node holds. */
    private List<Held> heldBy(Bytes node) {
        return all().filter(held -> held.lasts() && held.isOf(node)).toList();
    }

    boolean holds(Bytes session) {
        lock.lock();
        try {
            return all().anyMatch(held -> held.lasts() && (held.isOver(session) || held.waits()
                    && sessions.getOrDefault(held.node(), Set.of()).contains(session)));
        } finally {
            lock.unlock();
        }
    }

    private void sessionEnded(Bytes uid) {
        lock.lock();
        try {
            followed.remove(uid);
            for (Entry entry : entries.values()) {
                for (Held held : entry.leases) {
                    if (held.isOver(uid) && held.lasts() && !held.orphaned()) {
                        held.orphan();
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private Held add(Held held) {
        held.entry().leases.add(held);
        index(held.entry());
        audit.note(Audit.Kind.LEASE, held.holder(), Optional.of(held.entry().id()), switch (held.purpose()) {
            case USE -> held.mode() == Lease.Mode.EXCLUSIVE ? "took it into use, alone" : "took it into use";
            case LOCK -> "locked it";
            case ROUTE -> "has it by a route";
        });
        if (held.purpose() != Held.Purpose.LOCK) {
            there.changed(DeviceEvent.Kind.CHANGED, held.entry());
        }
        return held;
    }

    /** Keeps in mind who holds the device alone. */
    private void index(Entry entry) {
        String id = entry.id();
        for (Held held : entry.leases) {
            if (held.lasts() && held.mode() == Lease.Mode.EXCLUSIVE) {
                alone.put(id, new Holder(held.node()));
                return;
            }
        }
        alone.remove(id);
    }

    /** The caller's lease over this session, or {@code null}. */
    private static Held own(Entry entry, Caller caller) {
        for (Held held : entry.leases) {
            if (held.lasts() && held.purpose() == Held.Purpose.USE && held.isOver(caller.session())
                    && held.isOf(caller.nodeId())) {
                return held;
            }
        }
        return null;
    }

    /** A lease of the caller's node whose session has ended, or {@code null}. */
    private static Held adoptable(Entry entry, Caller caller) {
        for (Held held : entry.leases) {
            if (held.lasts() && held.purpose() == Held.Purpose.USE && (held.orphaned() || held.waits())
                    && !caller.anonymous() && held.isOf(caller.nodeId())) {
                return held;
            }
        }
        return null;
    }

    private static void adopt(Held held, Caller caller) {
        if (held != null) {
            held.adopt(caller);
        }
    }

    /** A session that has ended by now, or ends later, begins the grace time of what was granted over it. */
    private void follow(Caller caller) {
        Bytes session = caller.session();
        var end = new FutureTask<Void>(() -> sessionEnded(session), null);
        lock.lock();
        try {
            if (stopped || followed.putIfAbsent(session, end) != null) {
                return;
            }
        } finally {
            lock.unlock();
        }
        caller.onSessionEnd(end);
    }

    private static void refuseIfAbsent(Entry entry) throws Refused {
        if (entry != null && entry.absent) {
            throw Refused.notNow(SOON, "the driver of %s is being replaced: ask again".formatted(entry.id()));
        }
    }

    private static void refuseWithoutSession(Caller caller, String id) throws Refused {
        if (caller.nodeId().isEmpty() || caller.session().isEmpty()) {
            throw Refused.forbidden("%s can be held only over a session of a node of the family".formatted(
                    id));
        }
    }

    private void refuseIfStopped(String id) throws Refused {
        if (stopped) {
            throw Refused.unavailable("%s cannot be held now, the node stops: try again later".formatted(id));
        }
    }

    private void refuseIfTaken(Entry entry, Bytes node, Held mine, Lease.Mode mode, Held.Purpose purpose)
            throws Refused {
        for (Held held : entry.leases) {
            boolean excludes = held.mode() == Lease.Mode.EXCLUSIVE || mode == Lease.Mode.EXCLUSIVE;
            boolean beside = held.lasts() && held.isOf(node)
                    && (purpose != Held.Purpose.USE || held.purpose() != Held.Purpose.USE);
            if (held == mine || !excludes || beside) {
                continue;
            }
            String id = entry.id();
            if (!held.lasts()) {
                throw Refused.unavailable("%s is being given back by %s: try again".formatted(id,
                        held.holder()));
            }
            if (held.purpose() == Held.Purpose.LOCK) {
                throw Refused.forbidden(
                        "%s is locked by %s for %d s more: wait, or have an administrator take it over"
                        .formatted(id, held.holder(), Math.max(0, held.until() - now())));
            }
            if (held.orphaned()) {
                throw Refused.forbidden(
                        "%s is held by %s, whose session ended: free within %d s unless it comes back"
                        .formatted(id, held.holder(), grace.toSeconds()));
            }
            throw Refused.forbidden(
                    "%s is held by %s%s: free once it is given back or that session ends".formatted(id,
                    held.holder(), held.isOf(node) ? " over another session" : ""));
        }
    }
}
