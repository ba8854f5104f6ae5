package org.myclerk.devices;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Consumer;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.device.DeviceSource;
import org.myclerk.api.device.Lease;
import org.myclerk.api.payload.Fields;

/**
 * What drivers report, and what waits while drivers, their handlers or the registry itself are replaced
 * (decision 57). Thread-safe.
 */
final class Drivers {

    private static final String LEASES = "org.myclerk.devices.leases";
    private static final System.Logger LOG = System.getLogger("org.myclerk.devices");

    private final Inventory there;
    private final Leases leases;
    private final Setup setup;
    private final Schedule schedule;
    private final ReentrantLock lock;
    private final Map<String, Entry> entries;
    private final Map<DeviceSource, Sink> sources = new HashMap<>();
    private final Map<Class<?>, Integer> served = new HashMap<>();
    private final List<Server> servers = new CopyOnWriteArrayList<>();
    private Map<String, Object> handedOver;

    /** A handler: what it serves, how that is opened again, and how it is told of what is open. */
    record Server(Class<?> driver, BiFunction<Lease, Map<String, Object>, Lease.Use> again,
            Consumer<Lease.Use> adopt) {

        boolean serves(Entry entry) {
            return driver.isInstance(entry.device.driver());
        }
    }

    Drivers(Inventory there, Leases leases, Setup setup, Schedule schedule) {
        this.there = there;
        this.leases = leases;
        this.setup = setup;
        this.schedule = schedule;
        this.lock = there.lock;
        this.entries = there.entries;
    }

    void add(DeviceSource source) {
        Sink sink = new Sink();
        lock.lock();
        try {
            sources.put(source, sink);
        } finally {
            lock.unlock();
        }
        source.start(sink);
    }

    /** Its devices vanish, unless its next version is about to report them: what is open leaves it first. */
    void remove(DeviceSource source) {
        Sink sink;
        lock.lock();
        try {
            sink = sources.remove(source);
        } finally {
            lock.unlock();
        }
        boolean suspended = sink != null && suspend(sink);
        source.stop();
        if (sink != null && !suspended) {
            sink.close();
        }
    }

    /** Bundles are being replaced. */
    void replacing(ConcurrentMap<String, Object> replacement) {
        lock.lock();
        try {
            handedOver = replacement;
            if (replacement.remove(LEASES) instanceof List<?> before) {
                before.forEach(each -> takeOver((Map<?, ?>) each));
            }
        } finally {
            lock.unlock();
        }
    }

    /** No bundles are being replaced any more: what has not come back by now has gone. */
    void replaced(ConcurrentMap<String, Object> replacement) {
        Map<String, DeviceSink> gone = new HashMap<>();
        List<Held> unserved;
        lock.lock();
        try {
            if (handedOver != replacement) {
                return;
            }
            handedOver = null;
            there.all().filter(entry -> entry.absent).forEach(entry -> gone.put(entry.id(), entry.sink));
            unserved = unserved();
        } finally {
            lock.unlock();
        }
        gone.forEach((id, sink) -> sink.vanished(id));
        leases.endAside(unserved, Lease.End.STOPPED);
    }

    /** The registry stops: its next version, if there is one, gets the leases. */
    void handOver(List<Held> ended) {
        if (handedOver != null) {
            handedOver.put(LEASES, ended.stream().map(Held::toMap).flatMap(Optional::stream).toList());
        }
    }

    private void takeOver(Map<?, ?> lease) {
        String id = (String) lease.get("device");
        Entry entry = entries.computeIfAbsent(id, _ -> {
            DeviceInfo info = new DeviceInfo(id, (String) lease.get("kind"), (String) lease.get("name"),
                    (String) lease.get("place"), Fields.of(Map.of()), (Boolean) lease.get("simulated"));
            Entry absent = new Entry(new Device(info, null), new Sink());
            absent.absent = true;
            return absent;
        });
        leases.takeOver(entry, lease);
    }

    Subscription serving(Server server) {
        List<Lease.Use> open;
        List<Held> renewed;
        lock.lock();
        try {
            served.merge(server.driver, 1, Integer::sum);
            servers.add(server);
            List<Held> held = there.all().filter(server::serves)
                    .flatMap(entry -> entry.leases.stream()).toList();
            renewed = held.stream().filter(Held::renew).toList();
            open = held.stream().map(Held::open).filter(Objects::nonNull).toList();
        } finally {
            lock.unlock();
        }
        open.forEach(server.adopt);
        renewed.forEach(this::resume);
        AtomicBoolean closed = new AtomicBoolean();
        return () -> {
            if (closed.compareAndSet(false, true)) {
                servers.remove(server);
                noLongerServing(server.driver);
            }
        };
    }

    /** How the newest of those who serve a device makes anew what was open on it. Under the lock. */
    Optional<BiFunction<Lease, Map<String, Object>, Lease.Use>> again(Entry entry) {
        return servers.reversed().stream().filter(server -> server.serves(entry)).findFirst()
                .map(Server::again);
    }

    /** What a holder has open goes on with the driver that is there, if one is. */
    void resume(Held held) {
        schedule.aside(() -> {
            Device device;
            lock.lock();
            try {
                device = held.entry().device;
            } finally {
                lock.unlock();
            }
            if (device.driver() != null) {
                held.resume(device);
                kept(held);
            }
        });
    }

    /** A holder has something open, perhaps again: who serves the device is told. */
    void kept(Held held) {
        Lease.Use use;
        List<Server> told;
        lock.lock();
        try {
            use = held.open();
            told = servers.stream().filter(server -> server.serves(held.entry())).toList();
        } finally {
            lock.unlock();
        }
        if (use != null) {
            told.forEach(server -> server.adopt.accept(use));
        }
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

    /** Leases with something open whose handler has gone, or did not come back. */
    private List<Held> unserved() {
        List<Class<?>> gone = served.entrySet().stream().filter(each -> each.getValue() == 0)
                .<Class<?>>map(Map.Entry::getKey).toList();
        served.keySet().removeAll(gone);
        return there.all().flatMap(entry -> entry.leases.stream()).filter(Held::lasts).filter(held -> {
            Object driver = held.entry().device.driver();
            return held.isMissing() ? again(held.entry()).isEmpty()
                    : held.open() != null && gone.stream().anyMatch(type -> type.isInstance(driver));
        }).toList();
    }

    /** The driver's next version will report the same devices: what is open on them waits for it. */
    private boolean suspend(Sink sink) {
        List<Held> held = new ArrayList<>();
        lock.lock();
        try {
            if (handedOver == null) {
                return false;
            }
            sink.closed = true;
            there.all().filter(entry -> entry.sink == sink).forEach(entry -> {
                entry.absent = true;
                held.addAll(entry.leases);
            });
        } finally {
            lock.unlock();
        }
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            held.forEach(one -> each.execute(one::suspend));
        }
        lock.lock();
        try {
            there.all().filter(entry -> entry.sink == sink)
                    .forEach(entry -> entry.device = new Device(entry.device.info(), null));
        } finally {
            lock.unlock();
        }
        return true;
    }

    /** Where one source reports. */
    private final class Sink implements DeviceSink {

        private boolean closed;

        @Override
        public void appeared(Device device) {
            DeviceInfo info = device.info();
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
                    before.leases.forEach(Held::renew);
                    before.leases.stream().filter(held -> held.open() != null).forEach(Drivers.this::resume);
                    return;
                }
                if (before != null && before.sink != this) {
                    LOG.log(System.Logger.Level.WARNING,
                            "two drivers offer a device {0}: the one at {1} is left out",
                            info.id(), info.place());
                    return;
                }
                if (before != null && before.device.driver() == device.driver()) {
                    before.device = device;
                    return;
                }
                if (before != null) {
                    ended = leases.vanished(before);
                    there.vanished(before);
                }
                Entry entry = new Entry(device, this);
                entries.put(info.id(), entry);
                leases.lockAgain(entry);
                there.appeared(entry);
            } finally {
                lock.unlock();
            }
            leases.endAside(ended, Lease.End.VANISHED);
            setup.again(device);
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
                ended = leases.vanished(entry);
                there.vanished(entry);
            } finally {
                lock.unlock();
            }
            leases.endAside(ended, Lease.End.VANISHED);
        }

        void close() {
            List<String> ids;
            lock.lock();
            try {
                ids = there.all().filter(entry -> entry.sink == this).map(Entry::id).toList();
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
    }
}
