package org.myclerk.devices;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceEvent;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceView;
import org.myclerk.api.device.Devices.Following;
import org.myclerk.api.device.Devices.Listed;
import org.myclerk.api.device.Devices.Watcher;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Who;
import org.myclerk.api.node.Roles;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;

/**
 * What is plugged in, what people call it, who sees it, and those who hear of what happens to it.
 * Thread-safe; what takes or returns an {@link Entry} is called under the lock.
 */
final class Inventory {

    private static final System.Logger LOG = System.getLogger("org.myclerk.devices");

    /**
     * Guards all state of the registry; never held while a driver, a task at a lease's end or a watcher runs.
     */
    final ReentrantLock lock = new ReentrantLock();
    final TreeMap<String, Entry> entries = new TreeMap<>();
    final Labels labels;
    private final Locks locks;
    private final Sightings sightings;
    private final Schedule schedule;
    private final InstantSource clock;
    private final Permits permits;
    private final Followers followers;
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
    private long lastEvent;

    Inventory(Schedule schedule, InstantSource clock, Permits permits, Labels labels, Locks locks,
            Sightings sightings) {
        this.schedule = schedule;
        this.clock = clock;
        this.permits = permits;
        this.labels = labels;
        this.locks = locks;
        this.sightings = sightings;
        this.followers = new Followers(permits);
    }

    /** Those that are plugged in, whether or not their drivers are being replaced. */
    Stream<Entry> all() {
        return entries.values().stream();
    }

    /**
     * How a device is shared with a caller; an anonymous one was let in by an operator's own rule (profile
     * §16), which is for no device that gives physical access.
     *
     * @throws Refused FORBIDDEN, with the tier that is needed
     */
    AccessMode mode(Caller caller, String id) throws Refused {
        if (!caller.anonymous()) {
            return permits.mode(Who.of(caller), id);
        }
        if (physicalAccess(id)) {
            throw Refused.tierTooLow(Tier.T3);
        }
        return AccessMode.READ_WRITE;
    }

    /** Whether a device gives physical access, because its driver says so or because it was marked. */
    boolean physicalAccess(String id) {
        lock.lock();
        try {
            Entry entry = entries.get(id);
            return labels.of(id).physicalAccess() || (entry == null
                    ? sightings.of(id).map(Sighting::physicalAccess).orElse(false) : entry.physicalAccess());
        } finally {
            lock.unlock();
        }
    }

    /** With the name that people gave it. */
    DeviceInfo labelled(DeviceInfo info) {
        return labels.of(info.id()).name().map(name -> new DeviceInfo(info.id(), info.kind(), name,
                info.place(),
                info.properties(), info.simulated())).orElse(info);
    }

    /** The devices of a driver type that a caller may see. */
    List<Listed> visibleTo(Caller caller, Class<?> driver) {
        lock.lock();
        try {
            Who who = Who.of(caller);
            return all().filter(entry -> driver.isInstance(entry.device.driver()))
                    .filter(entry -> permits.mode(who, entry.id()) != AccessMode.NONE)
                    .map(entry -> new Listed(labelled(entry.device.info()), entry.holders())).toList();
        } finally {
            lock.unlock();
        }
    }

    Optional<Device> device(String id) {
        lock.lock();
        try {
            return Optional.ofNullable(entries.get(id))
                    .map(entry -> new Device(labelled(entry.device.info()), entry.device.driver()));
        } finally {
            lock.unlock();
        }
    }

    /** Devices after an id, as a caller sees them. */
    List<DeviceView> page(Caller caller, String after, int limit, Predicate<DeviceView> wanted) {
        Who who = Who.of(caller);
        lock.lock();
        try {
            return entries.tailMap(after, false).values().stream()
                    .map(entry -> view(entry).seenWith(permits.mode(who, entry.id())))
                    .filter(wanted).limit(limit).toList();
        } finally {
            lock.unlock();
        }
    }

    /** A device as a caller sees it, plugged in or away. */
    DeviceView view(Caller caller, String id) throws Refused {
        lock.lock();
        try {
            Optional<Sighting> away = entries.containsKey(id) ? Optional.empty() : sightings.of(id);
            if (away.isPresent() && sees(caller, id)) {
                return view(away.get()).seenWith(mode(caller, id));
            }
            return view(seen(caller, id)).seenWith(mode(caller, id));
        } finally {
            lock.unlock();
        }
    }

    /** Devices after an id that are known and not plugged in, as a caller sees them who may. */
    List<DeviceView> away(Caller caller, String after, int limit) {
        boolean all = caller.hasRole(Roles.ADMIN) || caller.hasRole(Roles.HUB);
        Who who = Who.of(caller);
        lock.lock();
        try {
            return sightings.after(after).values().stream().filter(one -> !entries.containsKey(one.device()))
                    .map(one -> view(one).seenWith(permits.mode(who, one.device())))
                    .filter(view -> all || view.mode() != AccessMode.NONE).limit(limit).toList();
        } finally {
            lock.unlock();
        }
    }

    /** Whether a device is plugged in, or known and away. */
    boolean knows(String id) {
        lock.lock();
        try {
            return entries.containsKey(id) || sightings.of(id).isPresent();
        } finally {
            lock.unlock();
        }
    }

    private boolean sees(Caller caller, String id) throws Refused {
        return caller.hasRole(Roles.HUB) || mode(caller, id) != AccessMode.NONE;
    }

    /** The device of that id that the caller may see. */
    Entry seen(Caller caller, String id) throws Refused {
        Entry entry = entries.get(id);
        if (entry == null || !sees(caller, id)) {
            throw unknown(id);
        }
        return entry;
    }

    /** A device as nobody sees it; {@link DeviceView#seenWith} tells what somebody may do with it. */
    DeviceView view(Entry entry) {
        DeviceInfo info = entry.device.info();
        Label label = labels.of(info.id());
        Optional<Held> locked = entry.locked();
        Optional<String> holders = entry.holders();
        DeviceView.State state = locked.isPresent() ? DeviceView.State.LOCKED
                : holders.isPresent() ? DeviceView.State.IN_USE : DeviceView.State.FREE;
        return new DeviceView(info.id(), info.kind(), label.name().orElse(info.name()), label.place(),
                info.place(),
                info.simulated(), state, holders, locked.map(Held::until), AccessMode.NONE,
                permits.shared(info.id()), physicalAccess(info.id()), Optional.empty());
    }

    private DeviceView view(Sighting away) {
        Label label = labels.of(away.device());
        Optional<Lock> locked = locks.waiting(away.device()).filter(it -> it.until() > now());
        return new DeviceView(away.device(), away.kind(), label.name().orElse(away.name()), label.place(),
                away.at(),
                away.simulated(), DeviceView.State.AWAY, locked.map(Lock::holder), locked.map(Lock::until),
                AccessMode.NONE, permits.shared(away.device()), physicalAccess(away.device()),
                Optional.of(away.lastSeen()));
    }

    private long now() {
        return clock.millis() / 1000;
    }

    /** Whether anybody has to do with a device. */
    private boolean matters(String id) {
        return !labels.of(id).equals(Label.NONE) || permits.shared(id) || locks.waiting(id).isPresent();
    }

    /** Remembers a device that is plugged in, if it matters. Under the lock. */
    private void remember(Entry entry) {
        if (!matters(entry.id())) {
            sightings.forget(entry.id());
            return;
        }
        Sighting now = entry.sighting(now());
        if (!now.sameAs(sightings.of(entry.id()).orElse(null))) {
            sightings.put(now);
        }
    }

    /** Keeps by and by what is remembered. */
    private void flush() {
        if (sightings.changed()) {
            schedule.aside(sightings::flush);
        }
    }

    /** Keeps at once what is remembered. */
    void close() {
        sightings.flush();
    }

    Following follow(Caller caller, Consumer<DeviceEvent> listener) {
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
    void changed(DeviceEvent.Kind kind, Entry entry) {
        long number = ++lastEvent;
        if (!followers.isEmpty()) {
            DeviceView view = view(entry);
            schedule.inOrder(() -> followers.tell(number, kind, view));
        }
    }

    /** A device was configured. */
    void changed(String id) {
        lock.lock();
        try {
            Entry entry = entries.get(id);
            if (entry != null) {
                changed(DeviceEvent.Kind.CHANGED, entry);
                remember(entry);
            } else if (!matters(id)) {
                sightings.forget(id);
            }
            flush();
        } finally {
            lock.unlock();
        }
    }

    /** A device has come, tells everybody. */
    void appeared(Entry entry) {
        remember(entry);
        flush();
        changed(DeviceEvent.Kind.APPEARED, entry);
        DeviceInfo info = entry.device.info();
        tell(watcher -> watcher.appeared(info));
    }

    /** A device has gone, tells everybody. */
    void vanished(Entry entry) {
        if (matters(entry.id())) {
            sightings.put(entry.sighting(now()));
            flush();
        }
        changed(DeviceEvent.Kind.VANISHED, entry);
        DeviceInfo info = entry.device.info();
        tell(watcher -> watcher.vanished(info));
    }

    /** Rights have changed: tells followers what they see now, and remembers what is shared. */
    void reconsider() {
        lock.lock();
        try {
            all().forEach(this::remember);
            sightings.after("").keySet().stream().filter(id -> !matters(id)).forEach(sightings::forget);
            flush();
            if (!followers.isEmpty()) {
                List<DeviceView> now = views();
                schedule.inOrder(() -> followers.reconsider(now));
            }
        } finally {
            lock.unlock();
        }
    }

    Subscription watch(Watcher watcher) {
        watchers.add(watcher);
        return () -> watchers.remove(watcher);
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

    static Refused unknown(String id) {
        return Refused.notFound(
                ("no device \"%s\" is here or shared with you: list what is, plug it in, or ask an "
                + "administrator")
                        .formatted(id.length() > 64 ? id.substring(0, 64) + "…" : id));
    }
}
