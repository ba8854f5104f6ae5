package org.myclerk.devices;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.guard.Audit;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.store.Store;
import org.myclerk.api.store.StoreException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * The audit in the store. Changes of rights are written with the change itself; other notes wait up to a
 * second and are committed together; uses and refusals are counted and written once a minute. What waits is
 * lost if the process is killed.
 */
@Component(service = {Audit.class, AuditLog.class}, configurationPid = "org.myclerk.devices.audit")
@Designate(ocd = AuditLog.Config.class)
public final class AuditLog implements Audit {

    private static final System.Logger LOG = System.getLogger("org.myclerk.devices");
    private static final Duration GROUP = Duration.ofSeconds(1);
    private static final Duration COUNT = Duration.ofMinutes(1);
    private static final int MOST_WAITING = 4_096;
    private static final int MOST_REFUSALS = 1_024;
    private static final int PAGE = 512;
    private static final String OTHERS = "others";

    /** Keeps nothing, for programs that embed the registry without rights. */
    static final Audit NONE = new Audit() {

        @Override
        public void note(Kind kind, String who, Optional<String> device, String text) {
            // Nobody asks.
        }

        @Override
        public List<Entry> entries(long before, int limit, Optional<String> device) {
            return List.of();
        }
    };

    /** Configuration of the audit. */
    @ObjectClassDefinition(name = "Audit")
    public @interface Config {

        /** How many entries are kept. */
        @AttributeDefinition(min = "100", max = "1000000",
                description = "How many entries of the audit are kept")
        int entries() default 10_000;
    }

    private final Store store;
    private final InstantSource clock;
    private final Schedule schedule;
    private final int most;
    private final Kept<Entry> kept = new Kept<>("devices.audit", Entry.class);
    private final ReentrantLock lock = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();
    private final List<Entry> waiting = new ArrayList<>();
    private final Map<Refusal, Long> refusals = new HashMap<>();
    private final Map<String, Map<Bytes, Uses>> uses = new ConcurrentHashMap<>();
    private boolean flushing;
    private boolean counting;
    private boolean stopped;
    private long next;
    private long oldest;
    private long dropped;

    private record Refusal(String who, Optional<String> device, String text) {
    }

    /** How often a node used a device since it was last written. */
    private static final class Uses {

        private final String who;
        private final LongAdder count = new LongAdder();

        Uses(String who) {
            this.who = who;
        }
    }

    @Activate
    public AuditLog(@Reference Store store, Config config) {
        this(store, InstantSource.system(), new Schedule.Threads(), Math.max(100, config.entries()));
    }

    AuditLog(Store store, InstantSource clock, Schedule schedule, int most) {
        this.store = store;
        this.clock = clock;
        this.schedule = schedule;
        this.most = most;
        List<Store.Entry> all = store.all(kept.bucket());
        next = all.isEmpty() ? 1 : number(all.getFirst().key()) + 1;
        oldest = all.isEmpty() ? 1 : number(all.getLast().key());
    }

    @Deactivate
    void stop() {
        lock.lock();
        try {
            stopped = true;
        } finally {
            lock.unlock();
        }
        schedule.stop();
        sumUp();
        flush();
    }

    /** Keys sort the newest first. */
    private static String key(long number) {
        return "%019d".formatted(Long.MAX_VALUE - number);
    }

    private static long number(String key) {
        return Long.MAX_VALUE - Long.parseLong(key);
    }

    @Override
    public void note(Kind kind, String who, Optional<String> device, String text) {
        note(kind, who, device, text, 1);
    }

    private void note(Kind kind, String who, Optional<String> device, String text, long count) {
        lock.lock();
        try {
            if (waiting.size() >= MOST_WAITING) {
                dropped++;
                return;
            }
            waiting.add(entry(kind, who, device, text, count));
            if (!flushing && !stopped) {
                flushing = true;
                schedule.after(GROUP, this::flush);
            }
        } finally {
            lock.unlock();
        }
    }

    private Entry entry(Kind kind, String who, Optional<String> device, String text, long count) {
        return new Entry(next++, clock.instant().getEpochSecond(), kind, cut(who, 128), device,
                cut(text, 512), count);
    }

    /** Text that fits so many bytes of UTF-8. */
    private static String cut(String text, int bytes) {
        if (text.length() * 3 <= bytes) {
            return text;
        }
        int end = 0;
        for (int used = 0; end < text.length(); end += Character.charCount(text.codePointAt(end))) {
            int point = text.codePointAt(end);
            used += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
            if (used > bytes) {
                break;
            }
        }
        return text.substring(0, end);
    }

    /** An entry to be written together with what it is about. */
    Store.Change with(Kind kind, String who, Optional<String> device, String text) {
        lock.lock();
        try {
            Entry entry = entry(kind, who, device, text, 1);
            return kept.put(key(entry.number()), entry);
        } finally {
            lock.unlock();
        }
    }

    /** A call that the guard let through to a device. */
    void used(Bytes node, String who, String device) {
        Map<Bytes, Uses> users = uses.get(device);
        Uses own = users == null ? null : users.get(node);
        if (own == null) {
            uses.compute(device, (_, known) -> {
                Map<Bytes, Uses> all = known == null ? new ConcurrentHashMap<>() : known;
                all.putIfAbsent(node, new Uses(who));
                return all;
            });
            own = uses.get(device).get(node);
            count();
        }
        own.count.increment();
    }

    /** A call that the guard refused. */
    void refused(String who, Optional<String> device, String text) {
        lock.lock();
        try {
            Refusal refusal = new Refusal(who, device, text);
            boolean room = refusals.size() < MOST_REFUSALS || refusals.containsKey(refusal);
            refusals.merge(room ? refusal : new Refusal(OTHERS, Optional.empty(),
                    "further calls were refused"), 1L, Long::sum);
        } finally {
            lock.unlock();
        }
        count();
    }

    private void count() {
        lock.lock();
        try {
            if (!counting && !stopped) {
                counting = true;
                schedule.after(COUNT, this::sumUp);
            }
        } finally {
            lock.unlock();
        }
    }

    private void sumUp() {
        Map<Refusal, Long> refused;
        lock.lock();
        try {
            refused = Map.copyOf(refusals);
            refusals.clear();
            counting = false;
        } finally {
            lock.unlock();
        }
        refused.forEach((refusal, count) -> note(Kind.REFUSED, refusal.who, refusal.device, refusal.text,
                count));
        boolean[] used = {false};
        uses.forEach((device, users) -> users.forEach((node, own) -> {
            long count = own.count.sumThenReset();
            if (count == 0) {
                // Nobody has counted here for a whole interval.
                users.remove(node, own);
            } else {
                used[0] = true;
                note(Kind.USED, own.who, Optional.of(device), "used it", count);
            }
        }));
        if (used[0]) {
            count();
        } else {
            uses.keySet().forEach(device ->
                    uses.computeIfPresent(device, (_, users) -> users.isEmpty() ? null : users));
        }
    }

    /** Writes what waits, and removes the oldest entries beyond the bound. */
    void flush() {
        writing.lock();
        try {
            List<Store.Change> changes = new ArrayList<>();
            long keepFrom;
            lock.lock();
            try {
                flushing = false;
                if (dropped > 0) {
                    waiting.add(entry(Kind.DEVICE, OTHERS, Optional.empty(), "more than could be noted",
                            dropped));
                    dropped = 0;
                }
                waiting.forEach(entry -> changes.add(kept.put(key(entry.number()), entry)));
                waiting.clear();
                keepFrom = next - most;
            } finally {
                lock.unlock();
            }
            for (; oldest < keepFrom; oldest++) {
                changes.add(kept.remove(key(oldest)));
            }
            if (!changes.isEmpty()) {
                store.write(changes);
            }
        } catch (StoreException e) {
            LOG.log(System.Logger.Level.WARNING, "the audit misses entries: {0}", e.getMessage());
        } finally {
            writing.unlock();
        }
    }

    @Override
    public List<Entry> entries(long before, int limit, Optional<String> device) {
        sumUp();
        flush();
        List<Entry> found = new ArrayList<>();
        String after = before == Long.MAX_VALUE ? "" : key(before);
        while (found.size() < limit) {
            List<Store.Entry> page = store.scan(kept.bucket(), "", after, device.isPresent() ? PAGE
                    : Math.min(PAGE, limit - found.size()));
            for (Store.Entry one : page) {
                after = one.key();
                Entry entry = kept.decode(one.value());
                if (found.size() < limit && (device.isEmpty() || device.equals(entry.device()))) {
                    found.add(entry);
                }
            }
            if (page.isEmpty()) {
                break;
            }
        }
        return List.copyOf(found);
    }
}
