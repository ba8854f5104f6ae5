package org.myclerk.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.myclerk.api.device.Configurable;
import org.myclerk.api.device.DeviceEvent;
import org.myclerk.api.device.DeviceView;
import org.myclerk.api.device.Devices;
import org.myclerk.api.device.Lease;
import org.myclerk.api.device.Setting;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Audit;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.testing.TestCaller;

/** What callers see of the registry, locks, names and settings. */
@Timeout(60)
class SharedDevicesTest {

    private static final Subject MEMBERS = Subject.role("member");

    /** A driver with settings. */
    private static final class Dimmer implements Configurable {

        private final Map<String, Object> values = new ConcurrentHashMap<>(Map.of("level", 0L, "mode",
                "steady"));
        private boolean broken;

        @Override
        public List<Setting> settings() {
            return List.of(Setting.integer("level", 0, 100, "percent"),
                    Setting.choice("mode", List.of("steady", "blink"), "how it shines"));
        }

        @Override
        public Fields values() {
            return Fields.of(values);
        }

        @Override
        public void configure(Fields changed) throws IOException {
            if (broken) {
                throw new IOException("the bus does not answer");
            }
            values.putAll(changed.toMap());
        }
    }

    @TempDir
    Path folder;

    private Home home;
    private final TestCaller ada = new TestCaller("ada", 1, Set.of("admin"));
    private final TestCaller bob = new TestCaller("bob", 2, Set.of("member"));
    private final TestCaller eve = new TestCaller("eve", 3, Set.of("member"));
    private final TestCaller hub = new TestCaller("hub", 4, Set.of("hub"));
    private final List<String> news = new ArrayList<>();

    @BeforeEach
    void open() {
        home = new Home(folder);
        home.plug("lamp", "driver");
    }

    @AfterEach
    void close() {
        home.close();
    }

    private void hear(DeviceEvent event) {
        news.add(event.kind() + " " + event.device().device());
    }

    private static List<String> ids(List<DeviceView> views) {
        return views.stream().map(DeviceView::device).toList();
    }

    private Refused refused(ErrorCode code, org.junit.jupiter.api.function.Executable call) {
        Refused refused = assertThrows(Refused.class, call);
        assertEquals(code, refused.code(), refused.getMessage());
        return refused;
    }

    /** An operator's rule let them in to one operation, and that was their right. */
    @Test
    void letsAnonymousSendersUseWhatNobodyHoldsAndSeeNothing() throws Refused {
        Caller anonymous = TestCaller.withoutSession();
        assertEquals("driver", home.devices.get(anonymous, "lamp", String.class));
        assertEquals(List.of(), home.devices.visibleTo(anonymous, String.class));
        refused(ErrorCode.NOT_FOUND, () -> home.devices.get(eve, "lamp", String.class));
        home.devices.lease(ada, "lamp", Lease.Mode.EXCLUSIVE);
        refused(ErrorCode.FORBIDDEN, () -> home.devices.get(anonymous, "lamp", String.class));
    }

    @Test
    void showsEachCallerWhatItMaySee() throws Refused {
        home.plug("horn", "driver");
        assertEquals(List.of(), home.devices.list(bob, "", 10));
        assertEquals(List.of(), home.devices.list(ada, "", 10));
        assertEquals(List.of("horn", "lamp"), ids(home.devices.discover(ada, "", 10)));
        home.share("lamp", MEMBERS, AccessMode.READ_ONLY);
        assertEquals(List.of("lamp"), ids(home.devices.list(bob, "", 10)));
        assertEquals(List.of("lamp"), ids(home.devices.list(ada, "", 10)), "what is shared with anybody");
        assertEquals(AccessMode.READ_ONLY, home.devices.view(bob, "lamp").mode());
        assertEquals("lamp", home.devices.visibleTo(bob, String.class).getFirst().info().id());
        assertEquals(1, home.devices.visibleTo(bob, String.class).size());
        refused(ErrorCode.NOT_FOUND, () -> home.devices.view(bob, "horn"));
        assertEquals("horn", home.devices.view(hub, "horn").device());
    }

    @Test
    void listsTenThousandDevicesInPagesAndInOrder() throws Refused {
        for (int i = 0; i < 10_000; i++) {
            home.plug("unit-%05d".formatted((i * 7_919) % 10_000), "driver");
        }
        List<String> all = new ArrayList<>();
        for (String after = ""; ; after = all.getLast()) {
            List<String> page = ids(home.devices.discover(ada, after, 256));
            if (page.isEmpty()) {
                break;
            }
            assertTrue(page.size() <= 256);
            all.addAll(page);
        }
        assertEquals(10_001, all.size());
        assertEquals(all.stream().sorted().distinct().toList(), all);
    }

    @Test
    void locksForATimeAndSaysWho() throws Refused {
        home.share("lamp", MEMBERS, AccessMode.READ_WRITE);
        DeviceView view = home.devices.lock(bob, "lamp", Duration.ofMinutes(1), false);
        assertEquals(DeviceView.State.LOCKED, view.state());
        assertEquals(Optional.of("bob"), home.devices.view(eve, "lamp").holder());
        assertEquals(Optional.of(home.clock.millis() / 1000 + 60), view.lockedUntil());
        refused(ErrorCode.FORBIDDEN, () -> home.devices.lock(eve, "lamp", Duration.ofMinutes(1), false));
        refused(ErrorCode.FORBIDDEN, () -> home.devices.lease(eve, "lamp", Lease.Mode.SHARED));
        Lease lease = home.devices.lease(bob, "lamp", Lease.Mode.EXCLUSIVE);
        lease.release();
        refused(ErrorCode.FORBIDDEN, () -> home.devices.lease(eve, "lamp", Lease.Mode.SHARED));
        home.devices.lock(bob, "lamp", Duration.ofMinutes(2), false);
        home.schedule.pass(Duration.ofSeconds(119));
        refused(ErrorCode.FORBIDDEN, () -> home.devices.get(eve, "lamp", String.class));
        home.schedule.pass(Duration.ofSeconds(1));
        assertEquals("driver", home.devices.get(eve, "lamp", String.class));
    }

    @Test
    void unlocksOnlyForItsHolder() throws Refused {
        home.share("lamp", MEMBERS, AccessMode.READ_WRITE);
        refused(ErrorCode.BAD_REQUEST, () -> home.devices.unlock(bob, "lamp"));
        home.devices.lock(bob, "lamp", Duration.ofMinutes(1), false);
        refused(ErrorCode.BAD_REQUEST, () -> home.devices.unlock(eve, "lamp"));
        assertEquals(DeviceView.State.FREE, home.devices.unlock(bob, "lamp").state());
    }

    @Test
    void freesALockAGraceAfterItsSession() throws Refused {
        home.share("lamp", MEMBERS, AccessMode.READ_WRITE);
        home.devices.lock(bob, "lamp", Duration.ofHours(1), false);
        bob.endSession();
        home.schedule.pass(Home.GRACE.minusSeconds(1));
        refused(ErrorCode.FORBIDDEN, () -> home.devices.get(eve, "lamp", String.class));
        TestCaller again = new TestCaller("bob", 22, Set.of("member"));
        home.devices.opened(again.state(), bob.session());
        home.schedule.pass(Home.GRACE);
        refused(ErrorCode.FORBIDDEN, () -> home.devices.get(eve, "lamp", String.class));
        home.devices.ended(again.state());
        home.schedule.pass(Home.GRACE);
        assertEquals("driver", home.devices.get(eve, "lamp", String.class));
    }

    @Test
    void keepsALockOverARestartForAGrace() throws Refused {
        home.share("lamp", MEMBERS, AccessMode.READ_WRITE);
        home.devices.lock(bob, "lamp", Duration.ofHours(1), false);
        home.close();
        home = new Home(folder);
        home.plug("lamp", "driver");
        assertEquals(Optional.of("bob"), home.devices.view(eve, "lamp").holder());
        refused(ErrorCode.FORBIDDEN, () -> home.devices.get(eve, "lamp", String.class));
        home.devices.opened(bob.state(), Bytes.EMPTY);
        home.schedule.pass(Home.GRACE.multipliedBy(2));
        refused(ErrorCode.FORBIDDEN, () -> home.devices.get(eve, "lamp", String.class));
        home.close();
        home = new Home(folder);
        home.plug("lamp", "driver");
        home.schedule.pass(Home.GRACE);
        assertEquals("driver", home.devices.get(eve, "lamp", String.class), "nobody came back");
        home.close();
        home = new Home(folder);
        home.plug("lamp", "driver");
        assertEquals(DeviceView.State.FREE, home.devices.view(eve, "lamp").state());
    }

    @Test
    void letsAnAdministratorTakeOver() throws Refused {
        home.share("lamp", MEMBERS, AccessMode.READ_WRITE);
        List<Lease.End> ends = new ArrayList<>();
        home.devices.lock(bob, "lamp", Duration.ofHours(1), false);
        home.devices.lease(bob, "lamp", Lease.Mode.EXCLUSIVE).onEnd(ends::add);
        refused(ErrorCode.FORBIDDEN, () -> home.devices.lock(eve, "lamp", Duration.ofMinutes(1), true));
        refused(ErrorCode.FORBIDDEN, () -> home.devices.lock(ada, "lamp", Duration.ofMinutes(1), false));
        assertEquals(Optional.of("ada"), home.devices.lock(ada, "lamp", Duration.ofMinutes(1), true)
                .holder());
        assertEquals(List.of(Lease.End.REVOKED), ends);
        refused(ErrorCode.FORBIDDEN, () -> home.devices.get(bob, "lamp", String.class));
        assertTrue(home.audit.entries(Long.MAX_VALUE, 20, Optional.of("lamp")).stream()
                .anyMatch(entry -> entry.kind() == Audit.Kind.TAKEOVER && entry.who().equals("ada")));
    }

    @Test
    void keepsALockUntilTheOneThatTakesItOverIsKept() throws Refused {
        home.share("lamp", MEMBERS, AccessMode.READ_WRITE);
        home.devices.lock(bob, "lamp", Duration.ofHours(1), false);
        List<Boolean> kept = new ArrayList<>();
        home.devices.held("lamp").forEach(lease ->
                lease.onEnd(_ -> kept.add(home.store.get("devices.locks", "lamp").isPresent())));
        home.devices.lock(ada, "lamp", Duration.ofHours(1), true);
        assertEquals(List.of(true), kept);
        home.close();
        home = new Home(folder);
        home.plug("lamp", "driver");
        assertEquals(Optional.of("ada"), home.devices.view(ada, "lamp").holder());
    }

    @Test
    void needsTheRightToWriteForALock() throws Refused {
        home.share("lamp", MEMBERS, AccessMode.READ_ONLY);
        refused(ErrorCode.FORBIDDEN, () -> home.devices.lock(bob, "lamp", Duration.ofMinutes(1), false));
    }

    private List<DeviceView> away(Caller caller) {
        return home.devices.away(caller, "", 10);
    }

    @Test
    void knowsWhatPeopleHaveToDoWithWhileItIsAway() throws Refused {
        home.plug("stick", "driver");
        home.devices.configure(ada, "lamp", Optional.of("Reading lamp"), Optional.empty(), Fields.NONE);
        home.share("lamp", MEMBERS, AccessMode.READ_ONLY);
        long unplugged = home.clock.millis() / 1000;
        home.pull("lamp");
        home.pull("stick");
        for (int restarts = 0; restarts < 2; restarts++) {
            DeviceView view = away(bob).getFirst();
            assertEquals(List.of("lamp", "Reading lamp", "bench", DeviceView.State.AWAY,
                    Optional.of(unplugged),
                    AccessMode.READ_ONLY), List.of(view.device(), view.name(), view.at(), view.state(),
                    view.lastSeen(),
                    view.mode()));
            assertEquals(view, home.devices.view(bob, "lamp"));
            assertEquals(List.of("lamp"), ids(away(ada)), "nobody has to do with the stick");
            assertEquals(List.of(), ids(home.devices.discover(ada, "", 10)));
            home.close();
            home = new Home(folder);
        }
        home.plug("lamp", "driver");
        assertEquals(List.of(), away(ada));
        home.pull("lamp");
        home.unshare("lamp", MEMBERS);
        assertEquals(List.of(), away(bob));
        refused(ErrorCode.NOT_FOUND, () -> home.devices.view(bob, "lamp"));
        refused(ErrorCode.BAD_REQUEST, () -> home.devices.configure(ada, "lamp", Optional.of(""),
                Optional.empty(),
                Fields.of(Map.of("level", 1L))));
        assertEquals("lamp", home.devices.configure(ada, "lamp", Optional.of(""), Optional.empty(),
                Fields.NONE)
                .name());
        assertEquals(List.of(), away(ada), "nobody has to do with it any more");
    }

    @Test
    void tellsOfALockThatWaitsForItsDevice() throws Refused {
        home.share("lamp", MEMBERS, AccessMode.READ_WRITE);
        home.devices.lock(bob, "lamp", Duration.ofHours(1), false);
        home.close();
        home = new Home(folder);
        DeviceView view = away(ada).getFirst();
        assertEquals(Optional.of("bob"), view.holder());
        assertTrue(view.lockedUntil().isPresent());
    }

    @Test
    void keepsALockForADeviceThatIsUnpluggedMeanwhile() throws Refused {
        home.share("lamp", MEMBERS, AccessMode.READ_WRITE);
        home.devices.lock(bob, "lamp", Duration.ofHours(1), false);
        home.pull("lamp");
        home.schedule.run();
        assertEquals(Optional.of("bob"), away(eve).getFirst().holder());
        home.plug("lamp", "driver");
        refused(ErrorCode.FORBIDDEN, () -> home.devices.get(eve, "lamp", String.class));
        home.pull("lamp");
        home.schedule.run();
        refused(ErrorCode.BAD_REQUEST, () -> home.devices.unlock(eve, "lamp"));
        assertEquals(Optional.empty(), home.devices.unlock(bob, "lamp").holder());
        home.close();
        home = new Home(folder);
        home.plug("lamp", "driver");
        assertEquals("driver", home.devices.get(eve, "lamp", String.class));
    }

    @Test
    void endsALockFromBeforeARestartWhoseHolderMayNoMore() throws Refused {
        home.share("lamp", MEMBERS, AccessMode.READ_WRITE);
        home.devices.lock(bob, "lamp", Duration.ofHours(1), false);
        home.close();
        home = new Home(folder);
        home.plug("lamp", "driver");
        home.unshare("lamp", MEMBERS);
        home.devices.opened(bob.state(), Bytes.EMPTY);
        home.schedule.run();
        assertEquals(Optional.empty(), home.devices.view(ada, "lamp").holder());
    }

    @Test
    void keepsNameAndPlaceOverARestart() throws Refused {
        home.devices.configure(ada, "lamp", Optional.of("Reading lamp"), Optional.of("attic"), Fields.NONE);
        home.close();
        home = new Home(folder);
        home.plug("lamp", "driver");
        DeviceView view = home.devices.view(ada, "lamp");
        assertEquals("Reading lamp in the attic", view.name() + " in the " + view.place().orElseThrow());
        assertEquals("Reading lamp", home.devices.visibleTo(ada, String.class).getFirst().info().name());
        home.devices.configure(ada, "lamp", Optional.of(""), Optional.empty(), Fields.NONE);
        assertEquals("lamp", home.devices.view(ada, "lamp").name());
        assertEquals(Optional.of("attic"), home.devices.view(ada, "lamp").place());
    }

    @Test
    void setsADeviceUpAgainWhenItIsPluggedIn() throws Refused {
        home.plug("dimmer", new Dimmer());
        home.devices.configure(ada, "dimmer", Optional.empty(), Optional.empty(),
                Fields.of(Map.of("level", 40L)));
        home.devices.configure(ada, "dimmer", Optional.empty(), Optional.empty(),
                Fields.of(Map.of("mode", "blink")));
        home.pull("dimmer");
        Dimmer fresh = new Dimmer();
        home.plug("dimmer", fresh);
        home.schedule.run();
        assertEquals(Map.of("level", 40L, "mode", "blink"), fresh.values);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"level | 101 | level is a number from 0 to 100",
        "mode | 5 | mode is one of steady, blink",
        "volume | 5 | dimmer has no setting \"volume\": it has level, mode, physical-access"})
    void refusesWhatADeviceDoesNotTake(String name, long value, String told) {
        Dimmer dimmer = new Dimmer();
        home.plug("dimmer", dimmer);
        assertEquals(told,
                refused(ErrorCode.BAD_REQUEST, () -> home.devices.configure(ada, "dimmer", Optional.of("x"),
                Optional.empty(), Fields.of(Map.of(name, value)))).getMessage());
        assertEquals(Map.of("level", 0L, "mode", "steady"), dimmer.values);
        dimmer.broken = true;
        refused(ErrorCode.SERVICE_UNAVAILABLE, () -> home.devices.configure(ada, "dimmer", Optional.of("x"),
                Optional.empty(), Fields.of(Map.of("level", 1L))));
        assertEquals("dimmer", home.devices.device("dimmer").orElseThrow().info().name(),
                "nothing was changed");
    }

    @Test
    void tellsFollowersWhatHappensToWhatTheySee() throws Refused {
        home.share("lamp", MEMBERS, AccessMode.READ_WRITE);
        Devices.Following following = home.devices.follow(bob, this::hear);
        assertEquals(List.of("lamp"), ids(following.present()));
        home.plug("horn", "driver");
        home.devices.lock(eve, "lamp", Duration.ofMinutes(1), false);
        home.devices.unlock(eve, "lamp");
        home.schedule.run();
        assertEquals(List.of("LOCKED lamp", "UNLOCKED lamp"), news);
        home.share("horn", MEMBERS, AccessMode.READ_ONLY);
        home.pull("horn");
        home.schedule.run();
        home.unshare("lamp", MEMBERS);
        home.pull("lamp");
        home.schedule.run();
        assertEquals(List.of("LOCKED lamp", "UNLOCKED lamp", "APPEARED horn", "VANISHED horn",
                "VANISHED lamp"),
                news);
        following.end().close();
        home.plug("horn", "driver");
        home.schedule.run();
        assertEquals(5, news.size());
    }

    @Test
    void missesAndDoublesNothingBetweenTheListAndTheEvents() throws Exception {
        home.close();
        home = new Home(folder, new Schedule.Threads());
        Set<String> there = ConcurrentHashMap.newKeySet();
        Thread plugger = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 3_000; i++) {
                String id = "unit-" + i % 37;
                if (there.remove(id)) {
                    home.pull(id);
                } else {
                    there.add(id);
                    home.plug(id, "driver");
                }
            }
        });
        List<Devices.Following> followings = new ArrayList<>();
        List<Set<String>> seen = new ArrayList<>();
        List<String> wrong = java.util.Collections.synchronizedList(new ArrayList<>());
        while (plugger.isAlive() && followings.size() < 500) {
            Set<String> known = ConcurrentHashMap.newKeySet();
            List<DeviceEvent> early = new ArrayList<>();
            boolean[] listed = {false};
            Devices.Following following = home.devices.follow(ada, event -> {
                synchronized (early) {
                    if (listed[0]) {
                        take(known, event, wrong);
                    } else {
                        early.add(event);
                    }
                }
            });
            synchronized (early) {
                known.addAll(ids(following.present()));
                early.forEach(event -> take(known, event, wrong));
                listed[0] = true;
            }
            followings.add(following);
            seen.add(known);
        }
        assertTrue(plugger.join(Duration.ofSeconds(30)));
        home.plug("last", "driver");
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!seen.stream().allMatch(known -> known.contains("last")) && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertEquals(List.of(), wrong);
        Set<String> now = Set.copyOf(ids(home.devices.discover(ada, "", 100)));
        assertTrue(seen.stream().allMatch(now::equals), "all end with what is there");
        followings.forEach(following -> following.end().close());
    }

    private static void take(Set<String> known, DeviceEvent event, List<String> wrong) {
        boolean news = switch (event.kind()) {
            case APPEARED -> known.add(event.device().device());
            case VANISHED -> known.remove(event.device().device());
            default -> true;
        };
        if (!news) {
            wrong.add(event.kind() + " " + event.device().device());
        }
    }

    @Test
    void handsALeaseOverToAnotherNodeAndTellsTheGuard() throws Refused {
        home.share("lamp", MEMBERS, AccessMode.READ_WRITE);
        List<String> asked = new ArrayList<>();
        home.guard.onNarrowed(() -> asked.add("again"));
        Lease lease = home.devices.lease(bob, "lamp", Lease.Mode.EXCLUSIVE);
        home.devices.opened(eve.state(), Bytes.EMPTY);
        home.devices.hand("lamp", bob.nodeId(), eve.nodeId(), "eve");
        assertEquals(List.of("again"), asked);
        refused(ErrorCode.FORBIDDEN, () -> home.devices.refuseIfHeld(bob, "lamp"));
        assertEquals(lease, home.devices.leaseOf(eve, "lamp").orElseThrow());
        home.unshare("lamp", MEMBERS);
        home.schedule.run();
        assertEquals(false, lease.active(), "it rests on the right of its new holder");
    }
}
