package org.myclerk.devices;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Audit;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Person;
import org.myclerk.api.guard.Rights;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.guard.Weekly;
import org.myclerk.api.guard.Who;
import org.myclerk.api.node.Roles;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.store.Store;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * The rights in the store, with a {@link Snapshot} of them in memory that answers all questions. A change is
 * written first and then takes the snapshot's place; one lock puts changes in their order, and who asks needs
 * none.
 */
@Component(service = {Rights.class, RightsBook.class})
public final class RightsBook implements Rights, Permits {

    /** The clock may be set meanwhile, so that times are looked at again after this long at most. */
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Pattern PLAIN = Pattern.compile("[^\\p{Cntrl}]+");
    private static final String SETTINGS = "devices.settings";
    private static final String ZONE = "zone";
    private static final DateTimeFormatter MOMENT = DateTimeFormatter.ofPattern("EEE uuuu-MM-dd HH:mm",
            Locale.ENGLISH);

    private final Store store;
    private final AuditLog audit;
    private final InstantSource clock;
    private final LongSupplier seconds = this::now;
    private final Schedule schedule;
    private final Kept<Grant> grants = new Kept<>("devices.grants", Grant.class);
    private final Kept<Person> persons = new Kept<>("devices.persons", Person.class);
    private final ReentrantLock changing = new ReentrantLock();
    private final List<Runnable> changed = new CopyOnWriteArrayList<>();
    private volatile Snapshot snapshot;
    private Runnable callOff = () -> { };

    @Activate
    public RightsBook(@Reference Store store, @Reference AuditLog audit) {
        this(store, audit, InstantSource.system(), new Schedule.Threads());
    }

    RightsBook(Store store, AuditLog audit, InstantSource clock, Schedule schedule) {
        this.store = store;
        this.audit = audit;
        this.clock = clock;
        this.schedule = schedule;
        ZoneId zone = store.get(SETTINGS, ZONE)
                .map(kept -> ZoneId.of(new String(kept.toArray(), StandardCharsets.UTF_8)))
                .orElseGet(ZoneId::systemDefault);
        Snapshot.Draft draft = Snapshot.empty(zone).edit();
        grants.all(store).forEach(draft::put);
        persons.all(store).forEach(person -> draft.persons().put(person.name(), person));
        snapshot = draft.build();
        awaitNext();
    }

    @Deactivate
    void stop() {
        schedule.stop();
    }

    /** What holds now. */
    Snapshot snapshot() {
        return snapshot;
    }

    /** Unix seconds. */
    long now() {
        return clock.millis() / 1000;
    }

    /** {@link #now}, for who may not need to know. */
    LongSupplier seconds() {
        return seconds;
    }

    @Override
    public void change(String by, List<Change> changes, List<Store.Change> together) throws Refused {
        changing.lock();
        try {
            Snapshot.Draft draft = snapshot.edit();
            List<Store.Change> writes = new ArrayList<>(together);
            for (Change change : changes) {
                switch (change) {
                    case Change.Give give -> give(draft, by, give.grant(), writes);
                    case Change.Take take -> take(draft, by, take.device(), take.from(), writes);
                    case Change.Put put -> put(draft, by, put.person(), writes);
                    case Change.Remove remove -> remove(draft, by, remove.person(), writes);
                    case Change.Zone zone -> {
                        draft.zone(zone.zone());
                        writes.add(new Store.Change.Put(SETTINGS, ZONE,
                                Bytes.wrap(zone.zone().getId().getBytes(StandardCharsets.UTF_8))));
                        writes.add(audit.with(Audit.Kind.RIGHTS, by, Optional.empty(),
                                "times of the week are those of " + zone.zone()));
                    }
                }
            }
            if (!writes.isEmpty()) {
                store.write(writes);
            }
            snapshot = draft.build();
        } finally {
            changing.unlock();
        }
        tell();
    }

    private static String key(String device, Subject to) {
        return to.kind().number() + to.name() + '\t' + device;
    }

    private void give(Snapshot.Draft draft, String by, Grant grant, List<Store.Change> writes)
            throws Refused {
        Subject to = grant.to();
        plain("a device's id", grant.device(), 128);
        switch (to.kind()) {
            case NODE -> { }
            case PERSON -> {
                if (!draft.persons().containsKey(to.name())) {
                    throw Refused.badRequest("no person is called \"%s\": add it first".formatted(to.name()));
                }
            }
            case ROLE -> {
                if (!Roles.GRANTABLE.contains(to.name()) || to.name().equals(Roles.ADMIN)) {
                    throw Refused.badRequest(
                            "\"%s\" is no role that can be shared with: hub, member, child or guest"
                            .formatted(to.name()));
                }
            }
        }
        if (grant.until().isPresent() && grant.until().get() <= now()) {
            throw Refused.badRequest("the right would have ended already, at %s: name a later time"
                    .formatted(moment(grant.until().get())));
        }
        draft.put(grant);
        writes.add(grants.put(key(grant.device(), to), grant));
        writes.add(audit.with(Audit.Kind.RIGHTS, by, Optional.of(grant.device()),
                "shared with %s: %s".formatted(to, words(grant))));
    }

    private void take(Snapshot.Draft draft, String by, String device, Subject from,
            List<Store.Change> writes) {
        if (draft.get(device, from) == null) {
            return;
        }
        draft.remove(device, from);
        writes.add(grants.remove(key(device, from)));
        writes.add(audit.with(Audit.Kind.RIGHTS, by, Optional.of(device), "no longer shared with " + from));
    }

    private void put(Snapshot.Draft draft, String by, Person person, List<Store.Change> writes)
            throws Refused {
        plain("a person's name", person.name(), 64);
        for (Person other : draft.persons().values()) {
            for (Bytes node : person.nodes()) {
                if (!other.name().equals(person.name()) && other.nodes().contains(node)) {
                    throw Refused.badRequest("node %s belongs to %s: take it from there first".formatted(
                            node.toHex(),
                            other.name()));
                }
            }
        }
        draft.persons().put(person.name(), person);
        writes.add(persons.put(person.name(), person));
        writes.add(audit.with(Audit.Kind.RIGHTS, by, Optional.empty(),
                "%s, %s, has the nodes %s".formatted(person.name(),
                person.kind().name().toLowerCase(Locale.ROOT), String.join(", ", person.nodes().stream()
                        .map(Bytes::toHex).toList()))));
    }

    private void remove(Snapshot.Draft draft, String by, String person, List<Store.Change> writes) {
        if (draft.persons().remove(person) == null) {
            return;
        }
        Subject subject = Subject.person(person);
        draft.to(subject).forEach(grant -> take(draft, by, grant.device(), subject, writes));
        writes.add(persons.remove(person));
        writes.add(audit.with(Audit.Kind.RIGHTS, by, Optional.empty(), person + " is removed"));
    }

    private static void plain(String what, String text, int longest) throws Refused {
        if (text.length() > longest || !PLAIN.matcher(text).matches()) {
            throw Refused.badRequest("%s has 1 to %d characters, none of them a control character".formatted(
                    what, longest));
        }
    }

    /** A grant for people: {@code read, Sat 14:00-18:00, until Sat 2026-11-28 18:00}. */
    String words(Grant grant) {
        StringBuilder words = new StringBuilder(grant.mode().words());
        if (!grant.when().isEmpty()) {
            words.append(", ").append(times(grant));
        }
        grant.from().ifPresent(from -> words.append(", from ").append(moment(from)));
        grant.until().ifPresent(until -> words.append(", until ").append(moment(until)));
        return words.toString();
    }

    private static String times(Grant grant) {
        return String.join(", ", grant.when().stream().map(Weekly::toString).toList());
    }

    /** A moment in the node's time zone, for people. */
    String moment(long unixSeconds) {
        return MOMENT.format(Instant.ofEpochSecond(unixSeconds).atZone(snapshot.zone()));
    }

    private void tell() {
        changed.forEach(Runnable::run);
        awaitNext();
    }

    /** Looks again when a right begins or ends by time. */
    private void awaitNext() {
        changing.lock();
        try {
            callOff.run();
            long now = now();
            OptionalLong next = snapshot.changes(now);
            if (next.isEmpty()) {
                callOff = () -> { };
                return;
            }
            Duration pause = Duration.ofSeconds(next.getAsLong() - now);
            callOff = schedule.after(pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause, this::tell);
        } finally {
            changing.unlock();
        }
    }

    @Override
    public List<Grant> of(String device) {
        return snapshot.on(device).stream().map(Rule::grant).toList();
    }

    @Override
    public List<Grant> all() {
        return snapshot.grants();
    }

    @Override
    public boolean inForce(Grant grant) {
        return new Rule(grant, snapshot.zone()).inForce(now());
    }

    @Override
    public List<Person> persons() {
        return List.copyOf(snapshot.persons().values());
    }

    @Override
    public Optional<Person> personOf(Bytes node) {
        return Optional.ofNullable(snapshot.owner(node));
    }

    @Override
    public ZoneId zone() {
        return snapshot.zone();
    }

    @Override
    public AccessMode mode(Who who, String device) {
        return who.roles().contains(Roles.ADMIN) ? AccessMode.READ_WRITE
                : snapshot.mode(who, device, seconds);
    }

    @Override
    public Subscription onNarrowed(Runnable task) {
        changed.add(task);
        return () -> changed.remove(task);
    }

    @Override
    public boolean shared(String device) {
        return snapshot.shared(device);
    }
}
