package org.myclerk.op.client.internal;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.device.Devices;
import org.myclerk.api.guard.Audit;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Rights;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.node.Roles;
import org.myclerk.api.operation.Answers;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.store.Store;
import org.myclerk.api.store.Store.Change;
import org.myclerk.api.store.StoreException;
import org.myclerk.op.client.DeviceRequest;
import org.myclerk.op.client.NewRequest;
import org.myclerk.op.client.RequestDecision;
import org.myclerk.op.client.RequestList;
import org.myclerk.op.client.RequestQuery;
import org.myclerk.op.client.RequestState;
import org.myclerk.op.client.RequestSummary;
import org.myclerk.op.client.RequestedDevice;

/**
 * The device requests made to this node (§6.2.5), from PENDING to one of the other states, which are final. A
 * state is in the store before anybody is told of it; an approval is stored in one batch with the rights that
 * it gives.
 *
 * <p>One lock guards all state and is never held while the store writes: who is about to change a request
 * marks it, and others wait for the outcome. Thread-safe.
 */
final class Requests {

    static final String BUCKET = "op.client.requests";
    static final int MOST_PENDING = 256;
    static final int MOST_DECIDED = 256;

    private static final Logger LOG = System.getLogger("org.myclerk.op.client");
    private static final PayloadCodec<DeviceRequest> CODEC = PayloadCodec.of(DeviceRequest.class);
    private static final Duration LONGEST = Duration.ofDays(90);
    private static final Duration LOOK_AT_LEAST_EVERY = Duration.ofMinutes(1);

    /** A request as the store has it; {@code null} until it is there for the first time. */
    private static final class Entry {

        private DeviceRequest request;
        private long version;
        private boolean changing;
        /** What is being recorded is that its time is over: nobody has decided. */
        private boolean expiring;

        private boolean pending() {
            return request != null && request.state() == RequestState.PENDING;
        }
    }

    /** Writes a change of a request to the store, together with what else it changes. */
    private interface Write {

        void write(List<Change> changes) throws Refused;
    }

    private final Devices devices;
    private final Rights rights;
    private final Audit audit;
    private final Store store;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<Bytes, Entry> requests = new HashMap<>();
    private long version;
    private final Thread expiry;

    Requests(Devices devices, Rights rights, Audit audit, Store store, InstantSource clock) {
        this.devices = devices;
        this.rights = rights;
        this.audit = audit;
        this.store = store;
        this.clock = clock;
        for (Store.Entry stored : store.all(BUCKET)) {
            try {
                Entry entry = new Entry();
                entry.request = CODEC.read(Payload.decode(stored.value()));
                entry.version = ++version;
                requests.put(entry.request.token(), entry);
            } catch (Malformed | Refused damaged) {
                LOG.log(Level.WARNING, "the device request {0} is damaged and left out: {1}", stored.key(),
                        damaged.getMessage());
            }
        }
        expiry = Thread.ofVirtual().name("device requests").start(this::expire);
    }

    /** Requests no longer expire. */
    void stop() {
        expiry.interrupt();
    }

    /** Has those that wait look at the clock and at their calls again. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private long now() {
        return clock.instant().getEpochSecond();
    }

    DeviceRequest create(Caller hub, NewRequest wanted) throws Refused {
        long now = now();
        if (wanted.expires() <= now) {
            throw Refused.badRequest("it would expire in the past, now is %d: ask until later".formatted(
                    now));
        }
        if (wanted.expires() > now + LONGEST.toSeconds()) {
            throw Refused.badRequest("it would expire in more than %d days: ask until earlier"
                    .formatted(LONGEST.toDays()));
        }
        for (RequestedDevice asked : wanted.devices()) {
            if (devices.find(asked.device()).isEmpty()) {
                throw Refused.notFound("no such device here: \"%s\"; discover what there is".formatted(
                        asked.device()));
            }
        }
        DeviceRequest made = new DeviceRequest(wanted.token(), RequestState.PENDING, hub.nodeId(), hub.name(),
                wanted.devices(), wanted.purpose(), now, wanted.expires(), List.of(), Optional.empty(),
                Optional.empty(), Optional.empty());
        List<Bytes> stale;
        Entry entry = new Entry();
        lock.lock();
        try {
            if (requests.containsKey(wanted.token())) {
                throw Refused.badRequest("this token was used already: draw a new one");
            }
            if (requests.values().stream().filter(it -> it.request == null || it.pending())
                    .count() >= MOST_PENDING) {
                throw Refused.unavailable("%d requests are pending here: wait until some are decided"
                        .formatted(MOST_PENDING));
            }
            stale = stale();
            entry.changing = true;
            requests.put(wanted.token(), entry);
        } finally {
            lock.unlock();
        }
        change(entry, made, changes -> {
            stale.forEach(token -> changes.add(new Change.Remove(BUCKET, token.toHex())));
            store.write(changes);
        });
        forget(stale);
        note(made, "asked for it");
        LOG.log(Level.INFO, "{0} asks for {1} device(s); see myclerk requests show {2}", made.hubName(),
                made.devices().size(), made.token().toHex());
        return made;
    }

    /** The oldest of those decided that are too many. */
    private List<Bytes> stale() {
        List<DeviceRequest> decided = requests.values().stream()
                .filter(it -> it.request != null && !it.pending())
                .map(it -> it.request).sorted(Comparator.comparing(it -> it.decided().orElse(0L))).toList();
        return decided.stream().limit(Math.max(0, decided.size() - MOST_DECIDED)).map(DeviceRequest::token)
                .toList();
    }

    private void forget(List<Bytes> tokens) {
        lock.lock();
        try {
            tokens.forEach(requests::remove);
        } finally {
            lock.unlock();
        }
    }

    DeviceRequest decide(Caller administrator, RequestDecision decision)
            throws Refused, InterruptedException {
        Entry entry = begin(administrator, decision.token());
        DeviceRequest before = entry.request;
        List<String> asked = before.devices().stream().map(RequestedDevice::device).toList();
        List<String> approved = decision.approved().stream().distinct().toList();
        RequestState state = approved.isEmpty() ? RequestState.REJECTED
                : approved.size() == asked.size() ? RequestState.APPROVED : RequestState.PARTIALLY_APPROVED;
        DeviceRequest after = after(before, state, approved, Optional.of(administrator.name()),
                decision.reason());
        change(entry, after, changes -> {
            for (String device : approved) {
                if (!asked.contains(device)) {
                    throw Refused.badRequest("the request does not ask for %s: approve what it asks for"
                            .formatted(device));
                }
            }
            List<Rights.Change> gives = before.devices().stream().filter(it -> approved.contains(it.device()))
                    .<Rights.Change>map(it -> new Rights.Change.Give(
                            new Grant(it.device(), Subject.node(before.hub()), it.mode())))
                    .toList();
            if (gives.isEmpty()) {
                store.write(changes);
            } else {
                rights.change(administrator.name(), gives, changes);
            }
        });
        note(after, "%s by %s".formatted(words(state), administrator.name()));
        return after;
    }

    DeviceRequest cancel(Caller hub, Bytes token) throws Refused, InterruptedException {
        Entry entry = begin(hub, token);
        DeviceRequest before = entry.request;
        DeviceRequest after = after(before, RequestState.CANCELLED, List.of(), Optional.empty(),
                Optional.empty());
        change(entry, after, changes -> {
            if (!before.hub().equals(hub.nodeId())) {
                throw Refused.forbidden("only %s, who made the request, can cancel it: reject it"
                        .formatted(before.hubName()));
            }
            store.write(changes);
        });
        note(after, "took the request back");
        return after;
    }

    private DeviceRequest after(DeviceRequest before, RequestState state,
            List<String> approved, Optional<String> by, Optional<String> reason) {
        return new DeviceRequest(before.token(), state, before.hub(), before.hubName(), before.devices(),
                before.purpose(), before.created(), before.expires(), approved, by, reason,
                Optional.of(now()));
    }

    /** Marks a pending request as about to change, which {@link #change} undoes. */
    private Entry begin(Caller caller, Bytes token) throws Refused, InterruptedException {
        lock.lockInterruptibly();
        try {
            Entry entry = find(caller, token);
            while (entry.changing) {
                changed.await();
            }
            DeviceRequest request = view(entry);
            if (request.state() != RequestState.PENDING) {
                throw Refused.badRequest("request %s is %s already: make another".formatted(token.toHex(),
                        words(request.state())));
            }
            entry.changing = true;
            return entry;
        } finally {
            lock.unlock();
        }
    }

    /** Brings a request that is marked into another state: first in the store, then for everybody else. */
    private void change(Entry entry, DeviceRequest next, Write write) throws Refused {
        boolean written = false;
        try {
            write.write(new ArrayList<>(List.of(put(next))));
            written = true;
        } finally {
            lock.lock();
            try {
                entry.changing = false;
                entry.expiring = false;
                if (written) {
                    entry.request = next;
                    entry.version = ++version;
                } else if (entry.request == null) {
                    requests.remove(next.token());
                }
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private static Change put(DeviceRequest request) {
        return new Change.Put(BUCKET, request.token().toHex(), CODEC.encode(request).encoded());
    }

    /** What the caller may know of a request, and what comes of it if the call is followed. */
    DeviceRequest details(Caller caller, Bytes token, Answers<DeviceRequest> answers)
            throws Refused, InterruptedException {
        lock.lock();
        Entry entry;
        DeviceRequest request;
        try {
            entry = find(caller, token);
            request = view(entry);
        } finally {
            lock.unlock();
        }
        if (!answers.followed()) {
            return request;
        }
        answers.onEnd(this::wake);
        while (request.state() == RequestState.PENDING && answers.send(request)) {
            lock.lockInterruptibly();
            try {
                while (view(entry).state() == RequestState.PENDING && !answers.ended()) {
                    changed.await();
                }
                request = view(entry);
            } finally {
                lock.unlock();
            }
        }
        return request;
    }

    /** The requests that the caller may know, and those that are new or change if the call is followed. */
    RequestList list(Caller caller, RequestQuery query, Answers<RequestList> answers)
            throws InterruptedException {
        boolean all = query.all().orElse(false);
        long seen = 0;
        RequestList list;
        lock.lock();
        try {
            list = new RequestList(since(caller, seen).stream()
                    .filter(it -> all || it.state() == RequestState.PENDING).toList());
            seen = version;
        } finally {
            lock.unlock();
        }
        if (!answers.followed()) {
            return list;
        }
        answers.onEnd(this::wake);
        while (answers.send(list)) {
            lock.lockInterruptibly();
            try {
                while (since(caller, seen).isEmpty() && !answers.ended()) {
                    changed.await();
                }
                list = new RequestList(since(caller, seen));
                seen = version;
            } finally {
                lock.unlock();
            }
        }
        return list;
    }

    /** Those that have changed after that version, the oldest first. */
    private List<RequestSummary> since(Caller caller, long seen) {
        return requests.values().stream()
                .filter(entry -> entry.request != null && entry.version > seen && concerns(entry, caller))
                .map(this::view).sorted(Comparator.comparing(DeviceRequest::created)).map(RequestSummary::of)
                .toList();
    }

    /** A hub knows its own requests; administrators decide, and know all. */
    private static boolean concerns(Entry entry, Caller caller) {
        return caller.hasRole(Roles.ADMIN) || entry.request.hub().equals(caller.nodeId());
    }

    private Entry find(Caller caller, Bytes token) throws Refused {
        Entry entry = requests.get(token);
        if (entry == null || entry.request == null || !concerns(entry, caller)) {
            throw Refused.notFound("no request here has the token %s: list them".formatted(token.toHex()));
        }
        return entry;
    }

    /** A request as it is now: one whose time is over has expired, also before that is recorded. */
    private DeviceRequest view(Entry entry) {
        boolean undecided = entry.pending() && (!entry.changing || entry.expiring);
        return undecided && entry.request.expires() <= now() ? expired(entry.request) : entry.request;
    }

    private DeviceRequest expired(DeviceRequest request) {
        return new DeviceRequest(request.token(), RequestState.EXPIRED, request.hub(), request.hubName(),
                request.devices(), request.purpose(), request.created(), request.expires(), List.of(),
                Optional.empty(), Optional.empty(), Optional.of(request.expires()));
    }

    private void expire() {
        try {
            while (true) {
                recordExpiry(awaitDue());
            }
        } catch (InterruptedException stopped) {
            LOG.log(Level.DEBUG, "device requests no longer expire, this bundle stops");
        }
    }

    /**
     * Waits until a request expires, and marks it. The clock is looked at again and again, because it may
     * jump.
     */
    private Entry awaitDue() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                long now = now();
                Optional<Entry> next = requests.values().stream().filter(it -> it.pending() && !it.changing)
                        .min(Comparator.comparing(it -> it.request.expires()));
                long seconds = next.map(it -> it.request.expires() - now).orElse(Long.MAX_VALUE);
                if (seconds <= 0) {
                    next.get().changing = true;
                    next.get().expiring = true;
                    return next.get();
                }
                changed.await(Math.min(seconds, LOOK_AT_LEAST_EVERY.toSeconds()), TimeUnit.SECONDS);
            }
        } finally {
            lock.unlock();
        }
    }

    private void recordExpiry(Entry entry) throws InterruptedException {
        DeviceRequest after = expired(entry.request);
        try {
            change(entry, after, store::write);
            note(after, "the request expired");
        } catch (StoreException | Refused failed) {
            LOG.log(Level.WARNING, "that a device request expired is not recorded: {0}", failed.getMessage());
            TimeUnit.SECONDS.sleep(LOOK_AT_LEAST_EVERY.toSeconds());
        }
    }

    private void note(DeviceRequest request, String what) {
        for (RequestedDevice device : request.devices()) {
            audit.note(Audit.Kind.RIGHTS, request.hubName(), Optional.of(device.device()),
                    "request: " + what);
        }
    }

    private static String words(RequestState state) {
        return switch (state) {
            case PENDING -> "pending";
            case APPROVED -> "approved";
            case PARTIALLY_APPROVED -> "approved in part";
            case REJECTED -> "rejected";
            case EXPIRED -> "expired";
            case CANCELLED -> "cancelled";
        };
    }
}
