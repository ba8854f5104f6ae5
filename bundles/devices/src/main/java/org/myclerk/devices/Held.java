package org.myclerk.devices;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.Lease;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Who;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.payload.Bytes;

/**
 * A lease. The lock of the {@link Inventory} guards its fields, and methods that are not of {@link Lease}
 * need it.
 */
final class Held implements Lease {

    private static final System.Logger LOG = System.getLogger("org.myclerk.devices");

    /** What a lease is for. Those of one node do not exclude each other if one of them is no use. */
    enum Purpose { USE, LOCK, ROUTE }

    private final Leases leases;
    private final ReentrantLock lock;

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
    private Optional<Map<String, Object>> suspended = Optional.empty();
    private Map<String, Object> useBefore = Map.of();
    private final List<Consumer<End>> tasks = new ArrayList<>();

    Held(Leases leases, Entry entry, Mode mode, Caller caller, Purpose purpose) {
        this.leases = leases;
        this.lock = leases.there.lock;
        this.entry = entry;
        this.mode = mode;
        this.purpose = purpose;
        this.who = Who.of(caller);
        this.nodeId = caller.nodeId();
        this.holder = caller.name();
        this.session = caller.session();
    }

    /** Reserved for a node, alone. */
    Held(Leases leases, Entry entry, Bytes nodeId, String holder) {
        this.leases = leases;
        this.lock = leases.there.lock;
        this.entry = entry;
        this.mode = Mode.EXCLUSIVE;
        this.purpose = Purpose.ROUTE;
        this.nodeId = nodeId;
        this.holder = holder;
        this.session = Bytes.EMPTY;
    }

    /** What {@link #toMap} of the registry before gave. */
    @SuppressWarnings("unchecked")
    Held(Leases leases, Entry entry, Map<?, ?> map) {
        this.leases = leases;
        this.lock = leases.there.lock;
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

    /**
     * All of it in types of the JDK, for the next version of the registry; empty if that is not to have it,
     * because what is open cannot be opened again.
     */
    Optional<Map<String, Object>> toMap() {
        Map<String, Object> open = use == null ? useBefore : suspended.orElseGet(use::state);
        if (use != null && open.isEmpty()) {
            return Optional.empty();
        }
        DeviceInfo info = entry.device.info();
        Map<String, Object> map = new HashMap<>(Map.of("device", info.id(), "kind", info.kind(), "name",
                info.name(),
                "place", info.place(), "simulated", info.simulated(), "mode", mode.name(), "purpose",
                purpose.name(),
                "node", nodeId.toHex(), "holder", holder, "session", session.toHex()));
        map.put("until", until);
        map.put("use", open);
        return Optional.of(map);
    }

    /**
     * Has what is open let go of its driver, and describe itself: its classes may not be there any more when
     * the next driver is. Takes the lock.
     */
    void suspend() {
        Use open;
        lock.lock();
        try {
            open = use;
        } finally {
            lock.unlock();
        }
        if (open == null) {
            return;
        }
        open.suspend();
        Map<String, Object> state = open.state();
        lock.lock();
        try {
            if (use == open) {
                suspended = Optional.of(state);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Has what is open go on with a driver; what does not fit it is made anew. Takes the lock. */
    void resume(Device device) {
        Use resumed;
        Map<String, Object> state;
        lock.lock();
        try {
            resumed = use;
            state = suspended.orElse(Map.of());
            suspended = Optional.empty();
        } finally {
            lock.unlock();
        }
        if (resumed == null || resumed.resume(device)) {
            return;
        }
        boolean renewed = false;
        lock.lock();
        try {
            if (use == resumed) {
                use = null;
                useBefore = state;
                renewed = renew();
            }
        } finally {
            lock.unlock();
        }
        if (state.isEmpty()) {
            end(End.STOPPED);
        } else if (renewed) {
            leases.renewed(this);
        }
    }

    /**
     * Makes what was open before its class was replaced anew, if who serves the device is there.
     *
     * @return whether it did, and it waits for {@link #resume}
     */
    boolean renew() {
        Optional<BiFunction<Lease, Map<String, Object>, Use>> again = isMissing() ? leases.again(entry)
                : Optional.empty();
        if (again.isEmpty()) {
            return false;
        }
        Map<String, Object> state = useBefore;
        useBefore = Map.of();
        try {
            Use anew = again.get().apply(this, state);
            anew.suspend();
            use = anew;
            return true;
        } catch (RuntimeException unreadable) {
            LOG.log(System.Logger.Level.WARNING, "what {0} had open of {1} is not opened again: {2}", holder,
                    entry.id(), unreadable);
            return false;
        }
    }

    /** Lets go of what is open if it is of another version of a class. */
    private boolean dropIfNot(Class<?> type) {
        if (use == null || use.getClass() == type || !use.getClass().getName().equals(type.getName())) {
            return false;
        }
        useBefore = suspended.orElse(Map.of());
        suspended = Optional.empty();
        use = null;
        return true;
    }

    @Override
    public <U extends Use> U use(U fresh) {
        U kept = fresh;
        boolean over;
        boolean renewed = false;
        lock.lock();
        try {
            over = end != null;
            if (!over) {
                dropIfNot(fresh.getClass());
                renewed = renew();
                if (use == null) {
                    use = fresh;
                }
                if (use.getClass() == fresh.getClass()) {
                    @SuppressWarnings("unchecked")
                    U same = (U) use;
                    kept = same;
                }
            }
        } finally {
            lock.unlock();
        }
        if (over) {
            fresh.end(end);
        } else if (renewed) {
            leases.renewed(this);
        } else if (kept == fresh) {
            leases.kept(this);
        }
        return kept;
    }

    @Override
    public <U extends Use> Optional<U> use(Class<U> type) {
        boolean renewed;
        Optional<U> found;
        lock.lock();
        try {
            if (dropIfNot(type) && useBefore.isEmpty()) {
                leases.endAside(List.of(this), End.STOPPED);
            }
            renewed = renew();
            found = type.isInstance(use) ? Optional.of(type.cast(use)) : Optional.empty();
        } finally {
            lock.unlock();
        }
        if (renewed) {
            leases.renewed(this);
        }
        return found;
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
    Held(Leases leases, Entry entry, Lock lock) {
        this.leases = leases;
        this.lock = leases.there.lock;
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
            if (!leases.connected(to)) {
                orphan();
            }
        }
    }

    Entry entry() {
        return entry;
    }

    Purpose purpose() {
        return purpose;
    }

    /** When it ends, Unix seconds; 0 for no such time. */
    long until() {
        return until;
    }

    /** Whether it has not ended. Under the lock; {@link #active} takes it. */
    boolean lasts() {
        return end == null;
    }

    boolean isOf(Bytes node) {
        return nodeId.equals(node);
    }

    boolean isOver(Bytes uid) {
        return session.equals(uid);
    }

    /**
     * Whether its holder may still use the device; whose rights are not known here is asked about when it
     * uses it.
     */
    boolean permitted(Permits permits) {
        return who == null || permits.mode(who, entry.id()) != AccessMode.NONE;
    }

    /** What its holder has open with it, or {@code null}. */
    Use open() {
        return use;
    }

    /** Whether its holder had something open whose class was replaced, and that is not made anew yet. */
    boolean isMissing() {
        return use == null && !useBefore.isEmpty() && end == null;
    }

    /** A lock as it is kept. */
    Lock lock() {
        return new Lock(entry.id(), nodeId, holder, until);
    }

    /** Its node is there again, with the roles that it has now. */
    void returned(Who holder) {
        moveTo(Bytes.EMPTY);
        who = holder;
    }

    /** The same node goes on with it over another session. */
    void adopt(Caller caller) {
        moveTo(caller.session());
        who = Who.of(caller);
    }

    boolean orphaned() {
        return orphanage != null;
    }

    void orphan() {
        Object mine = new Object();
        orphanage = mine;
        callOff = leases.schedule.after(leases.grace(), () -> end(End.EXPIRED, () -> orphanage == mine));
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
        Duration left = Duration.ofSeconds(Math.max(1, time - leases.now()));
        callOffEnd = leases.schedule.after(left, () -> end(End.EXPIRED, () -> expiry == mine));
    }

    void end(End why) {
        end(why, () -> true);
    }

    private void end(End why, BooleanSupplier still) {
        if (cease(why, still)) {
            leases.saveLock(entry.id());
        }
    }

    /**
     * Ends it for another lock. What is kept of it stays until that is kept in its place, so that a crash in
     * between leaves one or the other.
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
            leases.hasEnded(this, why);
        } finally {
            lock.unlock();
        }
        leases.note(this, why);
        due.forEach(task -> run(task, why));
        lock.lock();
        try {
            entry.leases.remove(this);
        } finally {
            lock.unlock();
        }
        return purpose == Purpose.LOCK && why != End.STOPPED && why != End.VANISHED;
    }

    private void run(Consumer<End> task, End why) {
        try {
            task.accept(why);
        } catch (RuntimeException | LinkageError e) {
            // Its classes may have gone with their bundle.
            LOG.log(System.Logger.Level.ERROR, "putting " + entry.id() + " into its safe state failed", e);
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
