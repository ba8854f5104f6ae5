package org.myclerk.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Audit;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Person;
import org.myclerk.api.guard.Rights.Change;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.guard.Weekly;
import org.myclerk.api.guard.Who;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.store.Store;
import org.myclerk.store.SqliteStore;

class RightsBookTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final Bytes PHONE = Bytes.ofHex("01".repeat(16));
    private static final Bytes TABLET = Bytes.ofHex("02".repeat(16));
    private static final Who MEMBER = new Who(PHONE, Set.of("member"));
    private static final Who CHILD = new Who(TABLET, Set.of("child"));
    private static final Who ADMIN = new Who(Bytes.ofHex("03".repeat(16)), Set.of("admin"));

    @TempDir
    Path folder;

    private final ManualClock clock = new ManualClock("2026-11-26T12:00:00", BERLIN);
    private final ManualSchedule schedule = new ManualSchedule();
    private SqliteStore store;
    private AuditLog audit;
    private RightsBook rights;

    @BeforeEach
    void open() throws Refused {
        store = new SqliteStore(folder.resolve("node.db"));
        audit = new AuditLog(store, clock, schedule, 1_000);
        rights = new RightsBook(store, audit, clock, schedule);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void reopen() throws Refused {
        close();
        open();
    }

    private void change(Change... changes) throws Refused {
        rights.change("ada", List.of(changes));
    }

    private static Change give(Subject to, AccessMode mode) {
        return new Change.Give(new Grant("lamp", to, mode));
    }

    private static Change give(Subject to, AccessMode mode, String when) {
        return new Change.Give(new Grant("lamp", to, mode, Weekly.parse(when), Optional.empty(),
                Optional.empty()));
    }

    private Refused refused(Change... changes) {
        Refused refused = assertThrows(Refused.class, () -> change(changes));
        assertEquals(ErrorCode.BAD_REQUEST, refused.code());
        return refused;
    }

    @Test
    void sharesNothingUntilSomebodyTurnsItOn() {
        assertEquals(AccessMode.NONE, rights.mode(MEMBER, "lamp"));
        assertEquals(AccessMode.READ_WRITE, rights.mode(ADMIN, "lamp"));
        assertEquals(List.of(), rights.all());
    }

    @Test
    void prefersANodeToItsPersonAndThatToItsRoles() throws Refused {
        change(give(Subject.role("member"), AccessMode.READ_ONLY));
        assertEquals(AccessMode.READ_ONLY, rights.mode(MEMBER, "lamp"));
        assertEquals(AccessMode.NONE, rights.mode(CHILD, "lamp"));
        change(new Change.Put(new Person("Anna", Person.Kind.ADULT, List.of(PHONE))),
                give(Subject.person("Anna"), AccessMode.READ_WRITE));
        assertEquals(AccessMode.READ_WRITE, rights.mode(MEMBER, "lamp"));
        change(give(Subject.node(PHONE), AccessMode.NONE));
        assertEquals(AccessMode.NONE, rights.mode(MEMBER, "lamp"), "a node can be kept out by name");
        change(new Change.Take("lamp", Subject.node(PHONE)), new Change.Take("lamp", Subject.person("Anna")));
        assertEquals(AccessMode.READ_ONLY, rights.mode(MEMBER, "lamp"));
    }

    @Test
    void countsANodeAsWhatItsPersonIs() throws Refused {
        change(give(Subject.role("child"), AccessMode.READ_ONLY),
                give(Subject.role("member"), AccessMode.READ_WRITE));
        assertEquals(AccessMode.READ_WRITE, rights.mode(MEMBER, "lamp"));
        change(new Change.Put(new Person("Max", Person.Kind.CHILD, List.of(PHONE, TABLET))));
        assertEquals(AccessMode.READ_ONLY, rights.mode(MEMBER, "lamp"), "the phone was invited as member");
        assertEquals("Max", rights.personOf(TABLET).orElseThrow().name());
        change(new Change.Remove("Max"));
        assertEquals(AccessMode.READ_WRITE, rights.mode(MEMBER, "lamp"));
    }

    @Test
    void fallsBackToTheLessSpecificGrantOutsideATime() throws Refused {
        change(new Change.Zone(BERLIN), give(Subject.role("member"), AccessMode.READ_ONLY),
                give(Subject.node(PHONE), AccessMode.READ_WRITE, "Sat 14:00-18:00"));
        assertEquals(AccessMode.READ_ONLY, rights.mode(MEMBER, "lamp"));
        clock.set("2026-11-28T14:00:00", BERLIN);
        assertEquals(AccessMode.READ_WRITE, rights.mode(MEMBER, "lamp"));
    }

    @Test
    void meansTimesInTheZoneOfTheNode() throws Refused {
        change(new Change.Zone(BERLIN), give(Subject.role("child"), AccessMode.READ_WRITE,
                "daily 14:00-15:00"));
        clock.set("2026-11-26T14:30:00", BERLIN);
        assertEquals(AccessMode.READ_WRITE, rights.mode(CHILD, "lamp"));
        change(new Change.Zone(ZoneId.of("America/New_York")));
        assertEquals(AccessMode.NONE, rights.mode(CHILD, "lamp"));
        reopen();
        assertEquals(ZoneId.of("America/New_York"), rights.zone());
        clock.set("2026-11-26T14:30:00", ZoneId.of("America/New_York"));
        assertEquals(AccessMode.READ_WRITE, rights.mode(CHILD, "lamp"));
    }

    @Test
    void keepsEverythingOverARestart() throws Refused {
        Grant grant = new Grant("lamp", Subject.person("Anna"), AccessMode.EXCLUSIVE,
                Weekly.parse("Fri 22-2"),
                Optional.of(1L), Optional.of(Instant.parse("2027-01-01T00:00:00Z").getEpochSecond()));
        Person anna = new Person("Anna", Person.Kind.GUEST, List.of(PHONE));
        change(new Change.Put(anna), new Change.Give(grant),
                give(Subject.role("hub"), AccessMode.WRITE_ONLY));
        reopen();
        assertEquals(List.of(anna), rights.persons());
        assertEquals(List.of(grant, new Grant("lamp", Subject.role("hub"), AccessMode.WRITE_ONLY)),
                rights.of("lamp"));
        change(new Change.Remove("Anna"));
        reopen();
        assertEquals(1, rights.all().size(), "what was given to a person goes with it");
    }

    @Test
    void changesAllOrNothing() throws Refused {
        refused(give(Subject.role("member"), AccessMode.READ_ONLY),
                give(Subject.person("nobody"), AccessMode.NONE));
        assertEquals(List.of(), rights.all());
        reopen();
        assertEquals(List.of(), rights.all());
        rights.change("ada", List.of(give(Subject.role("member"), AccessMode.READ_ONLY)),
                List.of(new Store.Change.Put("other.bundle", "request", Bytes.ofHex("01"))));
        assertTrue(store.get("other.bundle", "request").isPresent(), "what belongs to it is written with it");
    }

    @Test
    void saysWhatIsWrongAndChangesNothing() throws Refused {
        assertTrue(refused(give(Subject.person("Anna"), AccessMode.READ_ONLY)).getMessage().contains("Anna"));
        refused(give(Subject.role("admin"), AccessMode.READ_ONLY));
        refused(give(Subject.role("king"), AccessMode.READ_ONLY));
        refused(new Change.Give(new Grant("lamp", Subject.role("guest"), AccessMode.READ_ONLY, List.of(),
                Optional.empty(), Optional.of(clock.instant().getEpochSecond()))));
        refused(new Change.Give(new Grant("x".repeat(10_000), Subject.role("guest"), AccessMode.READ_ONLY)));
        refused(new Change.Give(new Grant("la\tmp", Subject.role("guest"), AccessMode.READ_ONLY)));
        change(new Change.Put(new Person("Anna", Person.Kind.ADULT, List.of(PHONE))));
        assertTrue(refused(new Change.Put(new Person("Max", Person.Kind.CHILD, List.of(PHONE)))).getMessage()
                .contains("belongs to Anna"));
        assertEquals(List.of(), rights.all());
        assertEquals(1, rights.persons().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "01", "zz000000000000000000000000000000"})
    void takesNodesByTheirIdAlone(String id) {
        assertThrows(IllegalArgumentException.class, () -> new Subject(Subject.Kind.NODE, id));
    }

    @Test
    void tellsWhenARightEndsByTime() throws Refused {
        change(new Change.Zone(BERLIN), give(Subject.role("child"), AccessMode.READ_WRITE,
                "Sat 14:00-18:00"));
        clock.set("2026-11-28T17:59:30", BERLIN);
        schedule.pass(Duration.ofMinutes(1));
        AtomicInteger told = new AtomicInteger();
        rights.onNarrowed(told::incrementAndGet);
        clock.pass(Duration.ofSeconds(30));
        schedule.pass(Duration.ofSeconds(30));
        assertEquals(1, told.get());
        assertEquals(AccessMode.NONE, rights.mode(CHILD, "lamp"));
    }

    @Test
    void writesDownWhoChangedWhat() throws Refused {
        change(give(Subject.role("child"), AccessMode.READ_WRITE, "Sat 14:00-18:00"));
        change(new Change.Take("lamp", Subject.role("child")));
        List<Audit.Entry> entries = audit.entries(Long.MAX_VALUE, 10, Optional.of("lamp"));
        assertEquals(List.of("no longer shared with role child",
                "shared with role child: read and write, Sat 14:00-18:00"),
                entries.stream().map(Audit.Entry::text).toList());
        assertEquals("ada", entries.getFirst().who());
        reopen();
        assertEquals(2, audit.entries(Long.MAX_VALUE, 10, Optional.empty()).size());
    }
}
