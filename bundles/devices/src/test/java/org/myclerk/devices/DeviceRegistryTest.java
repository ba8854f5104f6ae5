package org.myclerk.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.device.DeviceSource;
import org.myclerk.api.device.Devices;
import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.testing.TestCaller;

final class DeviceRegistryTest {

    private static final Duration GRACE = Duration.ofSeconds(30);

    private record Lamp(String label) {
    }

    /** A driver bundle whose devices the test plugs and pulls. */
    private static final class Bench implements DeviceSource {

        DeviceSink sink;
        boolean stopped;

        @Override
        public void start(DeviceSink sink) {
            this.sink = sink;
        }

        @Override
        public void stop() {
            stopped = true;
        }

        void plug(String id, Object driver) {
            sink.appeared(new Device(new DeviceInfo(id, "lamp", id, "bench", Fields.NONE, true), driver));
        }
    }

    private final ManualSchedule schedule = new ManualSchedule();
    private final DeviceRegistry devices = new DeviceRegistry(GRACE, schedule);
    private final Bench bench = new Bench();
    private final TestCaller ada = new TestCaller("ada", 1);
    private final TestCaller bob = new TestCaller("bob", 2);
    private final List<Lease.End> ends = new ArrayList<>();

    @BeforeEach
    void plugTwoLamps() {
        devices.addSource(bench);
        bench.plug("lamp-2", new Lamp("two"));
        bench.plug("lamp-1", new Lamp("one"));
    }

    private Lease exclusive(Caller caller, String id) throws Refused {
        Lease lease = devices.lease(caller, id, Lease.Mode.EXCLUSIVE);
        lease.onEnd(ends::add);
        return lease;
    }

    private Refused refused(ErrorCode code, org.junit.jupiter.api.function.Executable call) {
        Refused refusal = assertThrows(Refused.class, call);
        assertEquals(code, refusal.code(), refusal.getMessage());
        return refusal;
    }

    @Test
    void listsDevicesOfATypeInTheOrderOfTheirIds() throws Refused {
        bench.plug("horn", "not a lamp");
        exclusive(ada, "lamp-2");
        List<Devices.Listed> seen = devices.visibleTo(bob, Lamp.class);
        assertEquals(List.of("lamp-1", "lamp-2"), seen.stream().map(one -> one.info().id()).toList());
        assertEquals(List.of(Optional.empty(), Optional.of("ada")),
                seen.stream().map(Devices.Listed::holder).toList());
    }

    @Test
    void refusesDevicesThatAreNotThereOrOfAnotherKind() {
        bench.plug("horn", "not a lamp");
        assertTrue(refused(ErrorCode.NOT_FOUND, () -> devices.get(ada, "lamp-3", Lamp.class)).getMessage()
                .startsWith("no device \"lamp-3\" is here"));
        refused(ErrorCode.NOT_FOUND, () -> devices.get(ada, "horn", Lamp.class));
        refused(ErrorCode.NOT_FOUND, () -> devices.lease(ada, "lamp-3", Lease.Mode.SHARED));
    }

    @Test
    void givesADeviceToItsHolderAloneAndNamesTheHolder() throws Refused {
        Lease lease = exclusive(ada, "lamp-1");
        assertEquals("one", devices.get(ada, "lamp-1", Lamp.class).label());
        String told = refused(ErrorCode.FORBIDDEN, () -> devices.get(bob, "lamp-1", Lamp.class)).getMessage();
        assertEquals("lamp-1 is held by ada: free once it is given back or that session ends", told);
        refused(ErrorCode.FORBIDDEN, () -> devices.lease(bob, "lamp-1", Lease.Mode.SHARED));
        lease.release();
        lease.release();
        assertFalse(lease.active());
        assertEquals(List.of(Lease.End.RELEASED), ends);
        assertEquals("bob", exclusive(bob, "lamp-1").holder());
    }

    @Test
    void letsSharersInTogetherAndKeepsSoleHoldersOut() throws Refused {
        devices.lease(ada, "lamp-1", Lease.Mode.SHARED);
        devices.lease(bob, "lamp-1", Lease.Mode.SHARED);
        assertEquals(Optional.of("ada, bob"), devices.visibleTo(ada, Lamp.class).getFirst().holder());
        refused(ErrorCode.FORBIDDEN, () -> devices.lease(ada, "lamp-1", Lease.Mode.EXCLUSIVE));
        assertEquals("one", devices.get(new TestCaller("eve", 9), "lamp-1", Lamp.class).label());
    }

    @Test
    void givesTheSameLeaseToASecondRequestOverTheSameSession() throws Refused {
        Lease first = exclusive(ada, "lamp-1");
        assertSame(first, devices.lease(ada, "lamp-1", Lease.Mode.EXCLUSIVE));
        refused(ErrorCode.BAD_REQUEST, () -> devices.lease(ada, "lamp-1", Lease.Mode.SHARED));
        assertSame(first, devices.leaseOf(ada, "lamp-1").orElseThrow());
        assertEquals(Optional.empty(), devices.leaseOf(bob, "lamp-1"));
    }

    @Test
    void grantsNothingToAnonymousSenders() {
        refused(ErrorCode.FORBIDDEN, () -> devices.lease(TestCaller.withoutSession(), "lamp-1",
                Lease.Mode.SHARED));
    }

    @Test
    void endsALeaseAGraceTimeAfterItsSession() throws Refused {
        Lease lease = exclusive(ada, "lamp-1");
        devices.ended(ada.state());
        schedule.pass(GRACE.minusSeconds(1));
        String told = refused(ErrorCode.FORBIDDEN, () -> devices.lease(bob, "lamp-1", Lease.Mode.SHARED))
                .getMessage();
        assertTrue(told.contains("whose session ended: free within 30 s"), told);
        schedule.pass(Duration.ofSeconds(1));
        assertEquals(List.of(Lease.End.EXPIRED), ends);
        assertFalse(lease.active());
        exclusive(bob, "lamp-1");
    }

    @Test
    void endsALeaseGrantedOverASessionThatHadEndedAlready() throws Refused {
        ada.endSession();
        exclusive(ada, "lamp-1");
        schedule.pass(GRACE);
        assertEquals(List.of(Lease.End.EXPIRED), ends);
    }

    @Test
    void waitsOnceForTheEndOfASession() throws Refused {
        for (int i = 0; i < 3; i++) {
            exclusive(ada, "lamp-1").release();
        }
        assertEquals(1, ada.waitingForEnd());
        exclusive(ada, "lamp-1");
        ada.endSession();
        schedule.pass(GRACE);
        assertEquals(List.of(Lease.End.RELEASED, Lease.End.RELEASED, Lease.End.RELEASED, Lease.End.EXPIRED),
                ends);
    }

    @Test
    void movesALeaseToTheSessionThatResumesItsOwn() throws Refused {
        Lease lease = exclusive(ada, "lamp-1");
        TestCaller resumed = new TestCaller("ada", 3);
        devices.opened(resumed.state(), ada.session());
        devices.ended(ada.state());
        ada.endSession();
        schedule.pass(GRACE);
        assertTrue(lease.active());
        assertSame(lease, devices.leaseOf(resumed, "lamp-1").orElseThrow());
        assertEquals(Optional.empty(), devices.leaseOf(ada, "lamp-1"));
    }

    @Test
    void movesALeaseWhoseSessionEndedBeforeItWasResumed() throws Refused {
        Lease lease = exclusive(ada, "lamp-1");
        devices.ended(ada.state());
        TestCaller resumed = new TestCaller("ada", 3);
        devices.opened(resumed.state(), ada.session());
        assertEquals(0, schedule.waiting());
        schedule.pass(GRACE);
        assertTrue(lease.active());
    }

    @Test
    void movesNothingToAnotherNodeThatClaimsTheSession() throws Refused {
        exclusive(ada, "lamp-1");
        devices.opened(bob.state(), ada.session());
        refused(ErrorCode.FORBIDDEN, () -> devices.get(bob, "lamp-1", Lamp.class));
    }

    @Test
    void movesALeaseToAnotherSessionOfItsNodeOnceTheFirstHasEnded() throws Refused {
        Lease lease = exclusive(ada, "lamp-1");
        TestCaller other = new TestCaller("ada", 3);
        String told = refused(ErrorCode.FORBIDDEN, () -> devices.get(other, "lamp-1", Lamp.class))
                .getMessage();
        assertTrue(told.contains("ada over another session"), told);
        refused(ErrorCode.FORBIDDEN, () -> devices.lease(other, "lamp-1", Lease.Mode.EXCLUSIVE));
        devices.ended(ada.state());
        assertEquals("one", devices.get(other, "lamp-1", Lamp.class).label());
        assertSame(lease, devices.lease(other, "lamp-1", Lease.Mode.EXCLUSIVE));
        schedule.pass(GRACE);
        assertTrue(lease.active());
        other.endSession();
        schedule.pass(GRACE);
        assertEquals(List.of(Lease.End.EXPIRED), ends);
    }

    @Test
    void keepsOthersOffUntilTheDeviceIsSafe() throws Refused {
        Lease lease = exclusive(ada, "lamp-1");
        List<String> told = new ArrayList<>();
        lease.onEnd(_ -> told.add(refused(ErrorCode.SERVICE_UNAVAILABLE, () -> exclusive(bob, "lamp-1"))
                .getMessage()));
        lease.onEnd(_ -> {
            throw new IllegalStateException("a task that fails");
        });
        lease.release();
        assertEquals(List.of("lamp-1 is being given back by ada: try again"), told);
        exclusive(bob, "lamp-1");
    }

    @Test
    void runsATaskAtOnceIfTheLeaseHasEnded() throws Refused {
        Lease lease = devices.lease(ada, "lamp-1", Lease.Mode.SHARED);
        lease.release();
        lease.onEnd(ends::add);
        assertEquals(List.of(Lease.End.RELEASED), ends);
    }

    @Test
    void endsLeasesOfADeviceThatVanishesAndKnowsItAgain() throws Refused {
        Lease lease = exclusive(ada, "lamp-1");
        bench.sink.vanished("lamp-1");
        refused(ErrorCode.NOT_FOUND, () -> devices.get(ada, "lamp-1", Lamp.class));
        schedule.run();
        assertEquals(List.of(Lease.End.VANISHED), ends);
        assertFalse(lease.active());
        bench.plug("lamp-1", new Lamp("one again"));
        assertEquals("one again", devices.get(bob, "lamp-1", Lamp.class).label());
        assertNotSame(lease, exclusive(bob, "lamp-1"));
    }

    @Test
    void replacesADeviceThatItsSourceOffersAgain() throws Refused {
        exclusive(ada, "lamp-1");
        bench.plug("lamp-1", new Lamp("another"));
        schedule.run();
        assertEquals(List.of(Lease.End.VANISHED), ends);
        assertEquals("another", devices.get(bob, "lamp-1", Lamp.class).label());
    }

    @Test
    void leavesOutASecondDeviceWithTheSameId() throws Refused {
        Bench second = new Bench();
        devices.addSource(second);
        second.plug("lamp-1", new Lamp("impostor"));
        assertEquals("one", devices.get(ada, "lamp-1", Lamp.class).label());
        second.sink.vanished("lamp-1");
        assertEquals("one", devices.get(ada, "lamp-1", Lamp.class).label());
    }

    @Test
    void forgetsTheDevicesOfASourceThatGoes() throws Refused {
        exclusive(ada, "lamp-1");
        devices.removeSource(bench);
        schedule.run();
        assertTrue(bench.stopped);
        assertEquals(List.of(), devices.visibleTo(ada, Lamp.class));
        assertEquals(List.of(Lease.End.VANISHED), ends);
        bench.plug("lamp-1", new Lamp("late"));
        assertEquals(List.of(), devices.visibleTo(ada, Lamp.class));
    }

    @Test
    void tellsWatchersWhatComesAndGoesInOrder() {
        schedule.run();
        List<String> news = new ArrayList<>();
        Devices.Watcher watcher = new Devices.Watcher() {

            @Override
            public void appeared(DeviceInfo device) {
                news.add("+" + device.id());
            }

            @Override
            public void vanished(DeviceInfo device) {
                news.add("-" + device.id());
            }
        };
        var subscription = devices.watch(watcher);
        bench.plug("lamp-3", new Lamp("three"));
        bench.plug("lamp-3", new Lamp("three again"));
        bench.sink.vanished("lamp-3");
        schedule.run();
        assertEquals(List.of("+lamp-3", "-lamp-3", "+lamp-3", "-lamp-3"), news);
        subscription.close();
        bench.plug("lamp-3", new Lamp("three"));
        schedule.run();
        assertEquals(4, news.size());
    }

    @Test
    void endsAllLeasesWhenItStops() throws Refused {
        exclusive(ada, "lamp-1");
        devices.stop();
        assertEquals(List.of(Lease.End.STOPPED), ends);
        assertTrue(schedule.stopped);
        refused(ErrorCode.SERVICE_UNAVAILABLE, () -> exclusive(bob, "lamp-2"));
    }

    @Test
    void letsLeasesExpireByTheRealClock() throws Exception {
        DeviceRegistry real = new DeviceRegistry(Duration.ofMillis(20));
        Bench other = new Bench();
        real.addSource(other);
        other.plug("lamp-1", new Lamp("one"));
        CompletableFuture<Lease.End> end = new CompletableFuture<>();
        real.lease(ada, "lamp-1", Lease.Mode.EXCLUSIVE).onEnd(end::complete);
        real.ended(ada.state());
        assertEquals(Lease.End.EXPIRED, end.get(10, TimeUnit.SECONDS));
        real.stop();
    }

    @Test
    void ignoresResumptionsOfNothing() throws Refused {
        Lease lease = exclusive(ada, "lamp-1");
        devices.opened(new TestCaller("ada", 3).state(), Bytes.EMPTY);
        assertSame(lease, devices.leaseOf(ada, "lamp-1").orElseThrow());
    }

    @Test
    void tellsWhatIsHeldByWhomever() throws Refused {
        assertEquals(List.of(), devices.held("lamp-9"));
        Lease first = devices.lease(ada, "lamp-1", Lease.Mode.SHARED);
        Lease second = devices.lease(bob, "lamp-1", Lease.Mode.SHARED);
        assertEquals(List.of(first, second), devices.held("lamp-1"));
        first.release();
        assertEquals(List.of(second), devices.held("lamp-1"));
    }

    @Test
    void handsWhatANodeHoldsToAnotherWithoutEndingIt() throws Refused {
        List<String> told = new ArrayList<>();
        devices.onNarrowed(() -> told.add("narrowed"));
        Lease reserved = devices.reserve("lamp-1", ada.nodeId(), "ada");
        Lease lease = exclusive(ada, "lamp-1");
        devices.opened(bob.state(), Bytes.EMPTY);

        assertTrue(devices.hand("lamp-1", ada.nodeId(), bob.nodeId(), "bob"));
        assertEquals(List.of("narrowed"), told);
        assertEquals(List.of(bob.nodeId(), bob.nodeId()), List.of(lease.node(), reserved.node()));
        assertEquals("bob", lease.holder());
        assertEquals("lamp-1 is held by bob: free once it is given back or that session ends",
                refused(ErrorCode.FORBIDDEN, () -> devices.get(ada, "lamp-1", Lamp.class)).getMessage());
        assertSame(lease, devices.leaseOf(bob, "lamp-1").orElseThrow(), "bob goes on with what ada had open");

        assertTrue(devices.hand("lamp-1", bob.nodeId(), ada.nodeId(), "ada"));
        devices.opened(ada.state(), Bytes.EMPTY);
        schedule.pass(GRACE.multipliedBy(2));
        assertSame(lease, exclusive(ada, "lamp-1"), "and back");
        assertEquals(List.of(), ends);
        assertFalse(devices.hand("lamp-1", bob.nodeId(), ada.nodeId(), "ada"), "bob holds nothing");
    }

    @Test
    void endsWhatWasHandedToANodeThatDoesNotComeAndKeepsWhatIsReserved() throws Refused {
        Lease reserved = devices.reserve("lamp-1", ada.nodeId(), "ada");
        Lease lease = exclusive(ada, "lamp-1");
        devices.hand("lamp-1", ada.nodeId(), bob.nodeId(), "bob");
        schedule.pass(GRACE);
        assertEquals(List.of(Lease.End.EXPIRED), ends);
        assertFalse(lease.active());
        assertTrue(reserved.active());
        refused(ErrorCode.FORBIDDEN, () -> devices.lease(ada, "lamp-1", Lease.Mode.SHARED));
        reserved.release();
        assertEquals("ada", exclusive(ada, "lamp-1").holder());
    }

    @Test
    void endsWhatWasHandedAGraceAfterTheLastSessionOfItsHolder() throws Refused {
        exclusive(ada, "lamp-1");
        devices.opened(bob.state(), Bytes.EMPTY);
        devices.hand("lamp-1", ada.nodeId(), bob.nodeId(), "bob");
        assertTrue(devices.holds(bob.session()), "a session of the new holder does not idle out");
        schedule.pass(GRACE.multipliedBy(2));
        assertEquals(List.of(), ends);
        devices.ended(bob.state());
        schedule.pass(GRACE);
        assertEquals(List.of(Lease.End.EXPIRED), ends);
    }

    @Test
    void refusesToReserveWhatAnotherHolds() throws Refused {
        exclusive(ada, "lamp-1");
        assertTrue(refused(ErrorCode.FORBIDDEN, () -> devices.reserve("lamp-1", bob.nodeId(), "bob"))
                .getMessage()
                .contains("held by ada"));
        refused(ErrorCode.NOT_FOUND, () -> devices.reserve("lamp-9", bob.nodeId(), "bob"));
    }
}
