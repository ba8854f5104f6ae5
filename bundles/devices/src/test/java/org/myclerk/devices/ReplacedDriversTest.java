package org.myclerk.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.device.DeviceSource;
import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Fields;
import org.myclerk.testing.TestCaller;

/**
 * What is open on a device while its driver, its handler or the registry itself is replaced (decision 57).
 */
@Timeout(60)
class ReplacedDriversTest {

    private record Lamp(String label) {

        @Override
        public String toString() {
            return label;
        }
    }

    private static final class Bench implements DeviceSource {

        private final Object lamp;
        private DeviceSink sink;
        private Runnable atStop = () -> { };

        Bench(String label) {
            this(new Lamp(label));
        }

        Bench(Object lamp) {
            this.lamp = lamp;
        }

        @Override
        public void start(DeviceSink sink) {
            this.sink = sink;
            report();
        }

        void report() {
            DeviceInfo info = new DeviceInfo("lamp", "lamp", "lamp", "bench", Fields.NONE, true);
            sink.appeared(new Device(info, lamp));
        }

        @Override
        public void stop() {
            atStop.run(); // Its lamp is gone with it.
        }
    }

    private static final class Light implements Lease.Use {

        final BlockingQueue<String> told = new LinkedBlockingQueue<>();
        private final Class<?> driver;
        private final Map<String, Object> state;

        Light(Map<String, Object> state) {
            this(Lamp.class, state);
        }

        Light(Class<?> driver, Map<String, Object> state) {
            this.driver = driver;
            this.state = state;
        }

        @Override
        public void suspend() {
            told.add("suspend");
        }

        @Override
        public boolean resume(Device device) {
            return driver.isInstance(device.driver()) && told.add("resume " + device.driver());
        }

        @Override
        public void end(Lease.End why) {
            told.add("end " + why);
        }

        @Override
        public Map<String, Object> state() {
            return state;
        }

        String next() throws InterruptedException {
            return told.poll(10, TimeUnit.SECONDS);
        }
    }

    /** What a lamp's driver is after the types between it and its users were replaced. */
    private record OtherLamp() {

        @Override
        public String toString() {
            return "other";
        }
    }

    private static final Map<String, Object> BRIGHT = Map.of("bright", 7);

    private final DeviceRegistry devices = new DeviceRegistry(Duration.ofSeconds(30));
    private final ConcurrentMap<String, Object> replacement = new ConcurrentHashMap<>();
    private final TestCaller ada = new TestCaller("ada", 1);
    private final Bench before = new Bench("old");
    private final Light light = new Light(BRIGHT);

    private Lease open() throws Refused {
        devices.addSource(before);
        Lease lease = devices.lease(ada, "lamp", Lease.Mode.EXCLUSIVE);
        assertSame(light, lease.use(light));
        assertSame(light, lease.use(new Light(BRIGHT)), "one thing is open at a time");
        return lease;
    }

    @Test
    void handsTheNewDriverToWhatWasOpen() throws Exception {
        Lease lease = open();
        devices.bindReplacement(replacement);
        devices.removeSource(before);
        assertEquals("suspend", light.next());
        Refused refused = assertThrows(Refused.class, () -> devices.get(ada, "lamp", Lamp.class));
        assertEquals(ErrorCode.SERVICE_UNAVAILABLE, refused.code());
        assertNotNull(refused.retryAfter(), "it comes back");
        devices.addSource(new Bench("new"));
        assertEquals("resume new", light.next());
        devices.unbindReplacement(replacement);
        assertEquals("new", devices.get(ada, "lamp", Lamp.class).label());
        assertTrue(lease.active());
        assertEquals(Optional.of(light), devices.leaseOf(ada, "lamp").orElseThrow().use(Light.class));
    }

    @Test
    void suspendsWhatIsOpenBeforeTheDriverStops() throws Exception {
        open();
        devices.bindReplacement(replacement);
        before.atStop = () -> {
            light.told.add("stop");
            before.report();
        };
        devices.removeSource(before);
        devices.addSource(new Bench("new"));
        assertEquals(List.of("suspend", "stop", "resume new"),
                List.of(light.next(), light.next(), light.next()));
    }

    @Test
    void endsWhatWasOpenIfTheDriverDoesNotComeBack() throws Exception {
        open();
        devices.bindReplacement(replacement);
        devices.removeSource(before);
        assertEquals("suspend", light.next());
        devices.unbindReplacement(replacement);
        assertEquals("end VANISHED", light.next());
        assertEquals(ErrorCode.NOT_FOUND,
                assertThrows(Refused.class, () -> devices.get(ada, "lamp", Lamp.class)).code());
    }

    @Test
    void endsWhatIsOpenWhenItsHandlerGoesAndNotWhenItIsReplaced() throws Exception {
        Subscription first = devices.serving(Lamp.class);
        Lease lease = open();
        devices.bindReplacement(replacement);
        first.close();
        Subscription second = devices.serving(Lamp.class);
        devices.unbindReplacement(replacement);
        assertTrue(lease.active());
        second.close();
        second.close();
        assertEquals("end STOPPED", light.next());
        assertFalse(lease.active());
    }

    @Test
    void handsLeasesOverToTheNextRegistry() throws Exception {
        open();
        devices.bindReplacement(replacement);
        devices.stop();
        assertEquals("end STOPPED", light.next(), "the object is of a class that goes");

        DeviceRegistry next = new DeviceRegistry(Duration.ofSeconds(30));
        next.bindReplacement(replacement);
        assertEquals(Map.of(), replacement, "taken");
        assertThrows(Refused.class, () -> next.get(ada, "lamp", Lamp.class));
        next.addSource(new Bench("new"));
        TestCaller bob = new TestCaller("bob", 2);
        assertEquals(ErrorCode.FORBIDDEN, assertThrows(Refused.class, () ->
                next.lease(bob, "lamp", Lease.Mode.SHARED)).code(), "it is still ada's");
        Lease lease = next.leaseOf(ada, "lamp").orElseThrow();
        assertEquals("ada", lease.holder());
        assertEquals(Map.of("bright", 7), lease.useBefore());
        List<Lease.End> ends = new ArrayList<>();
        lease.onEnd(ends::add);
        lease.release();
        assertEquals(List.of(Lease.End.RELEASED), ends);
        next.unbindReplacement(replacement);
        next.stop();
    }

    /** Whoever comes first, the driver or the handler: once both are there, what was open is open again. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void opensAgainWhatWasOpenBeforeTheRegistryWasReplaced(boolean handlerFirst) throws Exception {
        open();
        devices.bindReplacement(replacement);
        devices.stop();
        DeviceRegistry next = new DeviceRegistry(Duration.ofSeconds(30));
        next.bindReplacement(replacement);
        BlockingQueue<Light> made = new LinkedBlockingQueue<>();
        BlockingQueue<Lease.Use> adopted = new LinkedBlockingQueue<>();
        Runnable serve = () -> next.serving(Lamp.class, (lease, state) -> {
            assertEquals("ada", lease.holder());
            made.add(new Light(state));
            return made.peek();
        }, adopted::add);
        if (handlerFirst) {
            serve.run();
        }
        next.addSource(new Bench("new"));
        if (!handlerFirst) {
            serve.run();
        }
        Light anew = made.poll(10, TimeUnit.SECONDS);
        assertEquals(BRIGHT, anew.state());
        assertEquals("suspend", anew.next());
        assertEquals("resume new", anew.next());
        assertSame(anew, adopted.poll(10, TimeUnit.SECONDS), "its handler is told");
        next.unbindReplacement(replacement);
        Lease lease = next.leaseOf(ada, "lamp").orElseThrow();
        assertEquals(Optional.of(anew), lease.use(Light.class));
        assertEquals(Map.of(), lease.useBefore());
        assertSame(anew, lease.use(new Light(Map.of())), "nothing is opened beside it");
        next.stop();
        assertEquals("end STOPPED", anew.next());
        assertNull(made.poll(), "it was made once");
    }

    @Test
    void opensAgainWhatNoLongerFitsItsDriver() throws Exception {
        Lease lease = open();
        BlockingQueue<Light> made = new LinkedBlockingQueue<>();
        devices.bindReplacement(replacement);
        devices.removeSource(before);
        assertEquals("suspend", light.next());
        devices.addSource(new Bench(new OtherLamp()));
        devices.serving(OtherLamp.class, (_, state) -> {
            made.add(new Light(OtherLamp.class, state));
            return made.peek();
        }, _ -> { });
        Light anew = made.poll(10, TimeUnit.SECONDS);
        assertEquals("suspend", anew.next());
        assertEquals("resume other", anew.next());
        assertTrue(lease.active());
        assertEquals(Optional.of(anew), lease.use(Light.class));
    }

    @Test
    void endsALeaseWhoseUseCannotBeOpenedAgain() throws Exception {
        devices.addSource(before);
        Lease lease = devices.lease(ada, "lamp", Lease.Mode.EXCLUSIVE);
        Light selected = lease.use(new Light(Map.of()));
        devices.bindReplacement(replacement);
        devices.removeSource(before);
        assertEquals("suspend", selected.next());
        BlockingQueue<Lease.End> ended = new LinkedBlockingQueue<>();
        lease.onEnd(ended::add);
        devices.addSource(new Bench(new OtherLamp()));
        assertEquals(Lease.End.STOPPED, ended.poll(10, TimeUnit.SECONDS));
        assertNull(selected.told.poll(), "it let go before, and its classes may be gone");

        devices.lease(ada, "lamp", Lease.Mode.EXCLUSIVE).use(new Light(Map.of()));
        devices.stop();
        DeviceRegistry next = new DeviceRegistry(Duration.ofSeconds(30));
        next.bindReplacement(replacement);
        next.addSource(new Bench("new"));
        assertEquals(Optional.empty(), next.leaseOf(ada, "lamp"), "the next registry does not have it");
        next.stop();
    }

    @Test
    void endsWhatWasOpenIfItsHandlerDoesNotComeBack() throws Exception {
        open();
        devices.bindReplacement(replacement);
        devices.stop();
        DeviceRegistry next = new DeviceRegistry(Duration.ofSeconds(30));
        next.bindReplacement(replacement);
        next.addSource(new Bench("new"));
        Lease lease = next.held("lamp").getFirst();
        CountDownLatch ended = new CountDownLatch(1);
        lease.onEnd(_ -> ended.countDown());
        next.unbindReplacement(replacement);
        assertTrue(ended.await(10, TimeUnit.SECONDS));
        next.stop();
    }

    @Test
    void forgetsWhatItCannotRead() throws Exception {
        open();
        devices.bindReplacement(replacement);
        devices.stop();
        DeviceRegistry next = new DeviceRegistry(Duration.ofSeconds(30));
        next.bindReplacement(replacement);
        next.addSource(new Bench("new"));
        next.serving(Lamp.class, (_, state) -> new Light(Map.of("dim", (String) state.get("bright"))),
                _ -> { });
        next.unbindReplacement(replacement);
        Lease lease = next.leaseOf(ada, "lamp").orElseThrow();
        assertEquals(Optional.empty(), lease.use(Light.class));
        Light fresh = new Light(Map.of());
        assertSame(fresh, lease.use(fresh), "it can be opened anew");
        next.stop();
    }
}
