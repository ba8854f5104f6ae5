package org.myclerk.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
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
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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

/** What is open on a device while its driver, its handler or the registry itself is replaced (decision 57). */
@Timeout(60)
class ReplacedDriversTest {

    private record Lamp(String label) {
    }

    private static final class Bench implements DeviceSource {

        private final String label;

        Bench(String label) {
            this.label = label;
        }

        @Override
        public void start(DeviceSink sink) {
            sink.appeared(new Device(new DeviceInfo("lamp", "lamp", "lamp", "bench", Fields.NONE, true), new Lamp(label)));
        }

        @Override
        public void stop() {
            // Its lamp is gone with it.
        }
    }

    private static final class Light implements Lease.Use {

        final BlockingQueue<String> told = new LinkedBlockingQueue<>();

        @Override
        public void suspend() {
            told.add("suspend");
        }

        @Override
        public boolean resume(Device device) {
            return told.add("resume " + ((Lamp) device.driver()).label());
        }

        @Override
        public void end(Lease.End why) {
            told.add("end " + why);
        }

        @Override
        public Map<String, Object> state() {
            return Map.of("bright", 7);
        }

        String next() throws InterruptedException {
            return told.poll(10, TimeUnit.SECONDS);
        }
    }

    private final DeviceRegistry devices = new DeviceRegistry(Duration.ofSeconds(30));
    private final ConcurrentMap<String, Object> replacement = new ConcurrentHashMap<>();
    private final TestCaller ada = new TestCaller("ada", 1);
    private final Bench before = new Bench("old");
    private final Light light = new Light();

    private Lease open() throws Refused {
        devices.addSource(before);
        Lease lease = devices.lease(ada, "lamp", Lease.Mode.EXCLUSIVE);
        assertSame(light, lease.use(light));
        assertSame(light, lease.use(new Light()), "one thing is open at a time");
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
        next.unbindReplacement(replacement);
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
        next.stop();
    }
}
