package org.myclerk.devices;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.Lease;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Audit;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Rights.Change;
import org.myclerk.api.guard.Step;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.guard.Weekly;
import org.myclerk.api.guard.Who;
import org.myclerk.api.operation.Audience;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.None;
import org.myclerk.testing.TestCaller;

@Timeout(60)
class DeviceGuardTest {

    /** Names a device. */
    public record Ref(@Device String device) {
    }

    private static final Operation<Ref, Done> LOOK =
            Operation.call(0xF000, "LAMP_LOOK", "Look at it", Ref.class, Done.class);
    private static final Operation<Ref, Done> READ =
            Operation.call(0xF001, "LAMP_READ", "Read it", Ref.class, Done.class).reads();
    private static final Operation<Ref, Done> WRITE =
            Operation.call(0xF002, "LAMP_WRITE", "Switch it", Ref.class, Done.class).writes();
    private static final Operation<Ref, Done> ROUTE =
            Operation.call(0xF003, "LAMP_ROUTE", "Route it", Ref.class, Done.class).audience(Audience.HUBS);
    private static final Subject MEMBERS = Subject.role("member");

    @TempDir
    Path folder;

    private Home home;
    private final TestCaller ada = new TestCaller("ada", 1, Set.of("admin"));
    private final TestCaller bob = new TestCaller("bob", 2, Set.of("member"));
    private final TestCaller eve = new TestCaller("eve", 3, Set.of("member"));
    private final TestCaller hub = new TestCaller("hub", 4, Set.of("hub"));

    @BeforeEach
    void open() {
        home = new Home(folder);
        home.plug("lamp", "driver");
    }

    @AfterEach
    void close() {
        home.close();
    }

    private static Operation<None, Done> row(Audience audience) {
        return Operation.call(0xF004, "LAMP_ROW", "For some", None.class, Done.class).audience(audience);
    }

    private Refused refused(ErrorCode code, Caller caller, Operation<?, ?> operation) {
        Refused refused = assertThrows(Refused.class, () -> {
            home.guard.operation(caller, operation);
            home.guard.device(caller, operation, "lamp");
        });
        assertEquals(code, refused.code(), refused.getMessage());
        return refused;
    }

    private void allowed(Caller caller, Operation<?, ?> operation) {
        assertDoesNotThrow(() -> {
            home.guard.operation(caller, operation);
            home.guard.device(caller, operation, "lamp");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "joining,    1,0,0,0,0,0", "'',         0,0,0,0,0,0", "guest,      1,1,0,0,0,0",
                "member,     1,1,1,0,0,0",
        "hub,        1,1,1,1,0,0", "admin,      1,1,1,1,1,0", "admin owner,1,1,1,1,1,1"})
    void letsEachRoleUseWhatIsForIt(String roles, int joining, int family, int sharers, int hubs,
            int administrators, int owners) throws Refused {
        home.share("lamp", MEMBERS, AccessMode.READ_ONLY);
        Caller caller = roles.isEmpty() ? TestCaller.withoutSession()
                : new TestCaller("one", 9, Set.of(roles.split(" ")));
        int[] expected = {joining, family, sharers, hubs, administrators, owners};
        for (Audience audience : Audience.values()) {
            boolean lets = true;
            try {
                home.guard.operation(caller, row(audience));
            } catch (Refused refused) {
                assertEquals(ErrorCode.FORBIDDEN, refused.code());
                lets = false;
            }
            assertEquals(expected[audience.ordinal()] == 1, lets, roles + " and " + audience);
        }
    }

    @Test
    void keepsEverybodyButAdministratorsOutUntilSomethingIsShared() throws Refused {
        assertEquals(
                "no device of this node is shared with you now: an administrator of it can, with myclerk "
                + "share", refused(ErrorCode.FORBIDDEN, bob, READ).getMessage());
        allowed(ada, WRITE);
        home.plug("horn", "driver");
        home.share("horn", MEMBERS, AccessMode.READ_WRITE);
        String hidden = refused(ErrorCode.NOT_FOUND, bob, READ).getMessage();
        home.pull("lamp");
        assertEquals(hidden, assertThrows(Refused.class, () -> home.devices.get(ada, "lamp", String.class))
                .getMessage(), "what is not shared reads like what is not there");
    }

    @ParameterizedTest
    @EnumSource(AccessMode.class)
    void coversWhatTheModeSays(AccessMode mode) throws Refused {
        home.share("lamp", Subject.role("guest"), AccessMode.READ_WRITE);
        home.share("lamp", MEMBERS, mode);
        home.plug("horn", "driver");
        home.share("horn", MEMBERS, AccessMode.READ_WRITE);
        boolean reads = mode != AccessMode.NONE && mode != AccessMode.WRITE_ONLY;
        boolean writes = mode != AccessMode.NONE && mode != AccessMode.READ_ONLY;
        for (Operation<?, ?> row : List.of(LOOK, READ, WRITE)) {
            boolean covered = row == LOOK ? mode != AccessMode.NONE : row == READ ? reads : writes;
            if (covered) {
                allowed(bob, row);
            } else {
                refused(mode == AccessMode.NONE ? ErrorCode.NOT_FOUND : ErrorCode.FORBIDDEN, bob, row);
            }
        }
    }

    @Test
    void letsHubsAdministerWhatIsNotSharedWithThem() throws Refused {
        allowed(hub, ROUTE);
        refused(ErrorCode.NOT_FOUND, hub, READ);
        home.share("lamp", Subject.role("hub"), AccessMode.READ_ONLY);
        allowed(hub, READ);
        refused(ErrorCode.FORBIDDEN, hub, WRITE);
    }

    @Test
    void saysWhenTheTimeIs() throws Refused {
        home.rights.change("ada", List.of(new Change.Zone(Home.BERLIN),
                new Change.Give(new Grant("lamp", MEMBERS, AccessMode.READ_WRITE,
                Weekly.parse("Sat 14:00-18:00"), Optional.empty(), Optional.empty()))));
        home.share("horn", MEMBERS, AccessMode.READ_WRITE);
        assertEquals(
                "lamp is shared with you only at its time, in Europe/Berlin: read and write, Sat 14:00-18:00",
                refused(ErrorCode.FORBIDDEN, bob, READ).getMessage());
        home.clock.set("2026-11-28T14:00:00", Home.BERLIN);
        allowed(bob, READ);
    }

    @Test
    void keepsOthersOffWhatOneHoldsAlone() throws Refused {
        home.share("lamp", MEMBERS, AccessMode.READ_WRITE);
        Lease lease = home.devices.lease(bob, "lamp", Lease.Mode.EXCLUSIVE);
        assertTrue(refused(ErrorCode.FORBIDDEN, eve, WRITE).getMessage().contains("held by bob"));
        allowed(eve, LOOK);
        allowed(bob, WRITE);
        lease.release();
        allowed(eve, WRITE);
        home.devices.lock(bob, "lamp", Duration.ofMinutes(5), false);
        assertEquals("lamp is locked by bob for 300 s more: wait, or have an administrator take it over",
                refused(ErrorCode.FORBIDDEN, ada, WRITE).getMessage());
    }

    @Test
    void givesADeviceInExclusiveModeToTheFirstWhoUsesIt() throws Refused {
        home.share("lamp", MEMBERS, AccessMode.EXCLUSIVE);
        home.devices.get(bob, "lamp", String.class);
        assertTrue(refused(ErrorCode.FORBIDDEN, eve, WRITE).getMessage().contains("held by bob"));
        Lease lease = home.devices.lease(bob, "lamp", Lease.Mode.SHARED);
        assertEquals(Lease.Mode.EXCLUSIVE, lease.mode());
        lease.release();
        home.devices.get(eve, "lamp", String.class);
        refused(ErrorCode.FORBIDDEN, bob, WRITE);
    }

    @Test
    void letsOneOf64HaveTheDeviceAndTellsTheOthersWho() throws Exception {
        home.share("lamp", MEMBERS, AccessMode.EXCLUSIVE);
        List<String> won = new ArrayList<>();
        List<String> told = new ArrayList<>();
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            TestCaller caller = new TestCaller("client-" + i, 100 + i);
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    start.await();
                    home.guard.device(caller, WRITE, "lamp");
                    home.devices.get(caller, "lamp", String.class);
                    synchronized (won) {
                        won.add(caller.name());
                    }
                } catch (Refused refused) {
                    synchronized (told) {
                        told.add(refused.getMessage());
                    }
                } catch (InterruptedException impossible) {
                    throw new AssertionError(impossible);
                }
            }));
        }
        start.countDown();
        for (Thread thread : threads) {
            assertTrue(thread.join(Duration.ofSeconds(20)));
        }
        assertEquals(1, won.size());
        String expected =
                "lamp is held by %s: free once it is given back or that session ends".formatted(
                won.getFirst());
        assertEquals(List.of(expected), told.stream().distinct().toList());
        assertEquals(63, told.size());
    }

    @Test
    void endsLeasesOfThoseWhoseRightIsTakenBack() throws Refused {
        home.share("lamp", MEMBERS, AccessMode.READ_WRITE);
        List<Lease.End> ends = new ArrayList<>();
        home.devices.lease(bob, "lamp", Lease.Mode.EXCLUSIVE).onEnd(ends::add);
        home.unshare("lamp", MEMBERS);
        home.schedule.run();
        assertEquals(List.of(Lease.End.REVOKED), ends);
        home.devices.lease(ada, "lamp", Lease.Mode.EXCLUSIVE).onEnd(ends::add);
        home.share("lamp", MEMBERS, AccessMode.READ_WRITE);
        home.unshare("lamp", MEMBERS);
        home.schedule.run();
        assertEquals(1, ends.size(), "an administrator rests on no grant");
    }

    @Test
    void endsLeasesWhenTheTimeIsOver() throws Refused {
        home.clock.set("2026-11-28T17:59:59", Home.BERLIN);
        home.rights.change("ada", List.of(new Change.Zone(Home.BERLIN),
                new Change.Give(new Grant("lamp", MEMBERS, AccessMode.READ_WRITE,
                Weekly.parse("Sat 14:00-18:00"), Optional.empty(), Optional.empty()))));
        List<Lease.End> ends = new ArrayList<>();
        home.devices.lease(bob, "lamp", Lease.Mode.EXCLUSIVE).onEnd(ends::add);
        home.clock.pass(Duration.ofSeconds(1));
        home.schedule.pass(Duration.ofSeconds(1));
        assertEquals(List.of(Lease.End.REVOKED), ends);
    }

    @Test
    void stopsEveryCallAfterAGrantWasRevokedWhile16Run() throws Exception {
        home.share("lamp", MEMBERS, AccessMode.READ_WRITE);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger late = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(16);
        CountDownLatch refusals = new CountDownLatch(16);
        boolean[] revoked = {false};
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            TestCaller caller = new TestCaller("client-" + i, 100 + i);
            threads.add(Thread.ofPlatform().daemon().start(() -> {
                boolean counted = false;
                while (true) {
                    boolean after;
                    synchronized (revoked) {
                        after = revoked[0];
                    }
                    try {
                        home.guard.device(caller, WRITE, "lamp");
                    } catch (Refused refused) {
                        refusals.countDown();
                        return;
                    }
                    if (after) {
                        late.incrementAndGet();
                    }
                    running.incrementAndGet();
                    if (!counted) {
                        counted = true;
                        all.countDown();
                    }
                }
            }));
        }
        assertTrue(all.await(20, TimeUnit.SECONDS));
        home.unshare("lamp", MEMBERS);
        synchronized (revoked) {
            revoked[0] = true;
        }
        assertTrue(refusals.await(20, TimeUnit.SECONDS));
        assertEquals(0, late.get(), "of %d calls".formatted(running.get()));
    }

    @Test
    void letsNobodyBelowTier3UseWhatGivesPhysicalAccess() throws Refused {
        Operation<Ref, Done> low = READ.floor(Tier.T1);
        Caller anonymous = TestCaller.withoutSession();
        home.share("lamp", MEMBERS, AccessMode.READ_WRITE);
        TestCaller plain = new TestCaller("bob", 7).at(Tier.T2);
        allowed(plain, low);
        assertEquals("driver", home.devices.get(anonymous, "lamp", String.class));

        List<String> askedAgain = new ArrayList<>();
        home.guard.onNarrowed(() -> askedAgain.add("calls under way"));
        mark(true);
        assertEquals(List.of("calls under way"), askedAgain);
        Refused refused = refused(ErrorCode.FORBIDDEN, plain, low);
        assertEquals(Tier.T3, refused.requiredTier());
        refused = assertThrows(Refused.class, () -> home.devices.get(anonymous, "lamp", String.class));
        assertEquals(Tier.T3, refused.requiredTier());
        allowed(bob, low);
        home.share("radio", Subject.role("guest"), AccessMode.READ_ONLY);
        refused(ErrorCode.NOT_FOUND, new TestCaller("kim", 8, Set.of("guest")).at(Tier.T2), low);
        assertEquals(
                "LAMP_READ needs tier 3 or higher, because lamp gives physical access; sessions have that",
                home.guard.explain(Who.of(bob), low, Optional.of("lamp")).getFirst().text());

        home.close();
        home = new Home(folder);
        home.plug("lamp", "driver");
        refused(ErrorCode.FORBIDDEN, plain, low);
        mark(false);
        allowed(plain, low);
    }

    private void mark(boolean physicalAccess) throws Refused {
        assertEquals(physicalAccess, home.devices.configure(ada, "lamp", Optional.empty(), Optional.empty(),
                Fields.of(Map.of(DeviceInfo.PHYSICAL_ACCESS, physicalAccess))).physicalAccess());
    }

    @Test
    void explainsADecisionRuleByRule() throws Refused {
        Who who = Who.of(bob);
        assertEquals("role", last(who, WRITE, "lamp").rule());
        home.share("horn", MEMBERS, AccessMode.READ_ONLY);
        assertEquals(new Step("sharing", false, "lamp is shared with nobody: myclerk share can change that"),
                last(who, WRITE, "lamp"));
        home.share("lamp", MEMBERS, AccessMode.READ_ONLY);
        Step mode = last(who, WRITE, "lamp");
        assertEquals(new Step("mode", false, "it may read now, and this changes it"), mode);
        home.share("lamp", MEMBERS, AccessMode.READ_WRITE);
        assertEquals(new Step("lease", true, "no other node holds it alone"), last(who, WRITE, "lamp"));
        home.devices.lease(ada, "lamp", Lease.Mode.EXCLUSIVE);
        assertEquals(new Step("lease", false, "it is held by ada"), last(who, WRITE, "lamp"));
        assertEquals("device", last(who, WRITE, "lump").rule());
        Step role = last(who, row(Audience.ADMINISTRATORS), null);
        assertEquals(new Step("role", false, "needs the role admin on this node"), role);
    }

    @Test
    void explainsWhenADeviceIsOpenToWhomNothingIsOpenNow() throws Refused {
        home.clock.set("2026-11-27T14:00:00", Home.BERLIN);
        home.rights.change("ada", List.of(new Change.Zone(Home.BERLIN),
                new Change.Give(new Grant("lamp", MEMBERS, AccessMode.READ_WRITE,
                Weekly.parse("Sat 14:00-18:00"), Optional.empty(), Optional.empty()))));
        List<Step> steps = home.guard.explain(Who.of(bob), WRITE, Optional.of("lamp"));
        assertEquals(List.of("tier", "role", "time", "mode"), steps.stream().map(Step::rule).toList());
        assertEquals(List.of(true, false, false, false), steps.stream().map(Step::passed).toList());
        assertTrue(steps.get(2).text().contains("Sat 14:00-18:00 (not now: it is Fri 2026-11-27 14:00)"),
                steps.get(2).text());
    }

    private Step last(Who who, Operation<?, ?> row, String device) {
        return home.guard.explain(who, row, Optional.ofNullable(device)).getLast();
    }

    @Test
    void countsWhatItLetsThroughAndRefuses() throws Refused {
        home.share("lamp", MEMBERS, AccessMode.READ_ONLY);
        for (int i = 0; i < 10; i++) {
            allowed(bob, READ);
            refused(ErrorCode.FORBIDDEN, bob, WRITE);
        }
        List<String> told = home.audit.entries(Long.MAX_VALUE, 10, Optional.of("lamp")).stream()
                .filter(entry -> entry.kind() != Audit.Kind.RIGHTS)
                .map(entry -> "%s %s %d %s".formatted(entry.kind(), entry.who(), entry.count(), entry.text()))
                .toList();
        assertEquals(List.of("USED bob 10 used it", "REFUSED bob 10 LAMP_WRITE: mode"), told);
    }
}
