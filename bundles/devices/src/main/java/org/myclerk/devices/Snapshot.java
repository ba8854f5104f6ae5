package org.myclerk.devices;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Person;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.guard.Who;
import org.myclerk.api.node.Roles;
import org.myclerk.api.payload.Bytes;

/**
 * All rights at one moment, indexed by device and by subject. Immutable but for what {@link Rule} remembers,
 * so that any thread may ask without a lock. The next one is made by a {@link Draft}, which copies only what
 * changes.
 */
final class Snapshot {

    /** By device, and for one device in the order in which grants are considered. */
    static final Comparator<Grant> ORDER = Comparator.comparing(Grant::device)
            .thenComparing(grant -> grant.to().kind()).thenComparing(grant -> grant.to().name());

    private final Map<String, Index<Rule>> devices;
    private final Index<Rule[]> subjects;
    private final TreeMap<String, Person> persons;
    private final Map<Bytes, Person> owners;
    private final ZoneId zone;
    private final Rule[] timed;

    /** Values by subject; nodes are found by the bytes of their id. */
    private record Index<T>(Map<Bytes, T> nodes, Map<String, T> persons, Map<String, T> roles) {

        Index() {
            this(new HashMap<>(), new HashMap<>(), new HashMap<>());
        }

        Index(Index<T> from) {
            this(new HashMap<>(from.nodes), new HashMap<>(from.persons), new HashMap<>(from.roles));
        }

        T get(Subject subject) {
            return switch (subject.kind()) {
                case NODE -> nodes.get(Bytes.ofHex(subject.name()));
                case PERSON -> persons.get(subject.name());
                case ROLE -> roles.get(subject.name());
            };
        }

        /** @param value {@code null} removes what is there */
        void put(Subject subject, T value) {
            switch (subject.kind()) {
                case NODE -> put(nodes, Bytes.ofHex(subject.name()), value);
                case PERSON -> put(persons, subject.name(), value);
                case ROLE -> put(roles, subject.name(), value);
            }
        }

        private static <K, T> void put(Map<K, T> map, K key, T value) {
            if (value == null) {
                map.remove(key);
            } else {
                map.put(key, value);
            }
        }

        boolean isEmpty() {
            return nodes.isEmpty() && persons.isEmpty() && roles.isEmpty();
        }

        Stream<T> values() {
            return Stream.of(nodes.values(), persons.values(), roles.values()).flatMap(Collection::stream);
        }
    }

    private Snapshot(Map<String, Index<Rule>> devices, Index<Rule[]> subjects,
            TreeMap<String, Person> persons, ZoneId zone) {
        this.devices = devices;
        this.subjects = subjects;
        this.persons = persons;
        this.zone = zone;
        owners = new HashMap<>();
        persons.values().forEach(person -> person.nodes().forEach(node -> owners.put(node, person)));
        timed = subjects.values().flatMap(Arrays::stream).filter(rule -> rule.grant().timed())
                .toArray(Rule[]::new);
    }

    /** One in which there are no rights and no persons. */
    static Snapshot empty(ZoneId zone) {
        return new Snapshot(new HashMap<>(), new Index<>(), new TreeMap<>(), zone);
    }

    ZoneId zone() {
        return zone;
    }

    TreeMap<String, Person> persons() {
        return persons;
    }

    /** The person to whom a node belongs, or {@code null}. */
    Person owner(Bytes node) {
        return owners.get(node);
    }

    /** The rules on a device, in the order in which they are considered. */
    List<Rule> on(String device) {
        Index<Rule> rules = devices.get(device);
        return rules == null ? List.of() : rules.values().sorted(Comparator.comparing(Rule::grant, ORDER))
                .toList();
    }

    /** What is given to somebody. */
    List<Grant> to(Subject subject) {
        Rule[] rules = subjects.get(subject);
        return rules == null ? List.of() : Arrays.stream(rules).map(Rule::grant).toList();
    }

    /** Whether anybody has a right on the device. */
    boolean shared(String device) {
        return devices.containsKey(device);
    }

    /** All grants, by device. */
    List<Grant> grants() {
        return devices.values().stream().flatMap(Index::values).map(Rule::grant).sorted(ORDER).toList();
    }

    /**
     * The mode that the rules in force give, for anybody but an administrator.
     *
     * @param now gives Unix seconds
     */
    AccessMode mode(Who who, String device, LongSupplier now) {
        Index<Rule> rules = devices.get(device);
        if (rules == null) {
            return AccessMode.NONE;
        }
        Rule rule = rules.nodes.get(who.node());
        if (rule != null && rule.inForce(now)) {
            return rule.grant().mode();
        }
        Person owner = owners.get(who.node());
        if (owner != null) {
            rule = rules.persons.get(owner.name());
            if (rule != null && rule.inForce(now)) {
                return rule.grant().mode();
            }
        }
        AccessMode mode = AccessMode.NONE;
        for (String role : who.roles()) {
            if (owner == null || !ofPersons(role)) {
                mode = mode.or(mode(rules.roles.get(role), now));
            }
        }
        return owner == null ? mode : mode.or(mode(rules.roles.get(owner.kind().role()), now));
    }

    private static AccessMode mode(Rule rule, LongSupplier now) {
        return rule != null && rule.inForce(now) ? rule.grant().mode() : AccessMode.NONE;
    }

    /** Whether a person's kind takes the place of that role. */
    static boolean ofPersons(String role) {
        return role.equals(Roles.MEMBER) || role.equals(Roles.CHILD) || role.equals(Roles.GUEST);
    }

    /** Whether any device is shared with the node now. */
    boolean anythingFor(Who who, LongSupplier now) {
        if (any(subjects.nodes.get(who.node()), now)) {
            return true;
        }
        Person owner = owners.get(who.node());
        if (owner != null && (any(subjects.persons.get(owner.name()), now)
                || any(subjects.roles.get(owner.kind().role()), now))) {
            return true;
        }
        for (String role : who.roles()) {
            if ((owner == null || !ofPersons(role)) && any(subjects.roles.get(role), now)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a rule is about a node, in force or not. */
    boolean concerns(Rule rule, Who who) {
        Subject to = rule.grant().to();
        Person owner = owners.get(who.node());
        return switch (to.kind()) {
            case NODE -> to.name().equals(who.node().toHex());
            case PERSON -> owner != null && owner.name().equals(to.name());
            case ROLE -> owner != null && ofPersons(to.name()) ? owner.kind().role().equals(to.name())
                    : who.roles().contains(to.name());
        };
    }

    private static boolean any(Rule[] rules, LongSupplier now) {
        if (rules != null) {
            for (Rule rule : rules) {
                if (rule.grant().mode() != AccessMode.NONE && rule.inForce(now)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** When a rule begins or ends next; empty if none ever does. */
    OptionalLong changes(long now) {
        long next = Long.MAX_VALUE;
        for (Rule rule : timed) {
            next = Math.min(next, rule.changes(now).orElse(Long.MAX_VALUE));
        }
        return next == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next);
    }

    Draft edit() {
        return new Draft(this);
    }

    /** The next snapshot while it is made; for one thread. */
    static final class Draft {

        private final Map<String, Index<Rule>> devices;
        private final Set<String> copied = new HashSet<>();
        private final Index<Rule[]> subjects;
        private final TreeMap<String, Person> persons;
        private ZoneId zone;

        private Draft(Snapshot from) {
            devices = new HashMap<>(from.devices);
            subjects = new Index<>(from.subjects);
            persons = new TreeMap<>(from.persons);
            zone = from.zone;
        }

        /** The grant there is, or {@code null}. */
        Grant get(String device, Subject to) {
            Index<Rule> rules = devices.get(device);
            Rule rule = rules == null ? null : rules.get(to);
            return rule == null ? null : rule.grant();
        }

        TreeMap<String, Person> persons() {
            return persons;
        }

        void put(Grant grant) {
            remove(grant.device(), grant.to());
            Rule rule = new Rule(grant, zone);
            own(grant.device()).put(grant.to(), rule);
            Rule[] before = subjects.get(grant.to());
            Rule[] after = before == null ? new Rule[1] : Arrays.copyOf(before, before.length + 1);
            after[after.length - 1] = rule;
            subjects.put(grant.to(), after);
        }

        void remove(String device, Subject to) {
            if (get(device, to) == null) {
                return;
            }
            Index<Rule> rules = own(device);
            rules.put(to, null);
            if (rules.isEmpty()) {
                devices.remove(device);
            }
            Rule[] left = Arrays.stream(subjects.get(to)).filter(rule -> !rule.grant().device()
                    .equals(device))
                    .toArray(Rule[]::new);
            subjects.put(to, left.length == 0 ? null : left);
        }

        /** What is given to somebody. */
        List<Grant> to(Subject subject) {
            Rule[] rules = subjects.get(subject);
            return rules == null ? List.of() : Arrays.stream(rules).map(Rule::grant).toList();
        }

        private Index<Rule> own(String device) {
            return copied.add(device)
                    ? devices.merge(device, new Index<>(), (known, _) -> new Index<>(known))
                    : devices.computeIfAbsent(device, _ -> new Index<>());
        }

        void zone(ZoneId changed) {
            zone = changed;
            List<Grant> all = new ArrayList<>();
            devices.values().stream().flatMap(Index::values).map(Rule::grant).filter(Grant::timed)
                    .forEach(all::add);
            all.forEach(this::put);
        }

        Snapshot build() {
            return new Snapshot(devices, subjects, persons, zone);
        }
    }
}
