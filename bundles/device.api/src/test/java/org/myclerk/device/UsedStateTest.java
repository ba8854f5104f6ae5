package org.myclerk.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.Lease;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.device.can.UsedChannel;
import org.myclerk.device.gpio.UsedChip;
import org.myclerk.device.serial.UsedPort;
import org.myclerk.device.spi.UsedSpiDevice;

/**
 * What is open goes over to another version of its class as a map. One version writes it and another reads
 * it, so that the maps stand here as they are: whoever changes one has to read the one before too.
 */
class UsedStateTest {

    private record Held(DeviceInfo device) implements Lease {

        @Override
        public Mode mode() {
            return Mode.EXCLUSIVE;
        }

        @Override
        public String holder() {
            return "ada";
        }

        @Override
        public Bytes node() {
            return Bytes.EMPTY;
        }

        @Override
        public boolean active() {
            return true;
        }

        @Override
        public void release() {
            throw new AssertionError("nothing is given back");
        }

        @Override
        public void onEnd(Consumer<End> task) {
            // It does not end.
        }
    }

    private record Vector(BiFunction<Lease, Map<String, Object>, Lease.Use> of, Map<String, Object> state) {
    }

    private static final Lease LEASE =
            new Held(new DeviceInfo("it", "kind", "name", "place", Fields.NONE, true));

    static final List<Vector> VECTORS = List.of(
            new Vector(UsedPort::of, Map.of("baud", 9600, "data-bits", 7, "stop-bits", "ONE_AND_A_HALF",
                    "parity", "EVEN", "flow-control", "RTS_CTS")),
            new Vector(UsedPort::of, Map.of("baud", 115_200, "data-bits", 8, "stop-bits", "ONE",
                    "parity", "NONE", "flow-control", "NONE", "rs485", List.of(true, false, true, 10, 20))),
            new Vector(UsedChannel::of, Map.of("own-frames", true, "filters", List.of(
                    List.of(0x123, 0x7FF, "NO", "EITHER", false), List.of(0x1FFF_FFFF, 0, "YES", "NO", true)),
                    "all", true)),
            new Vector(UsedSpiDevice::of, Map.of("settings",
                    List.of(3, 0xFFFF_FFFFL, 16, true, false, true, false, true))),
            new Vector(UsedChip::of, Map.of("requests", List.of(
                    Map.of("lines", List.of(4, 2), "settings",
                            List.of("OUTPUT", true, "PULL_UP", "OPEN_DRAIN", "NONE", "MONOTONIC", 0),
                            "values", 2L, "consumer", "pump", "safe", 0L),
                    Map.of("lines", List.of(7), "settings",
                            List.of("INPUT", false, "AS_IS", "PUSH_PULL", "NONE", "REALTIME", 500),
                            "values", 0L, "consumer", "button")),
                    "channels", Map.of(1, List.of(20_000_000L, 1_500_000L, false, true)))));

    @ParameterizedTest
    @FieldSource("VECTORS")
    void readsAndWrites(Vector vector) {
        assertEquals(vector.state, vector.of.apply(LEASE, vector.state).state());
    }

    /** The registry forgets what cannot be read. */
    @ParameterizedTest
    @FieldSource("VECTORS")
    void refusesWhatAnotherVersionMightSay(Vector vector) {
        assertThrows(RuntimeException.class, () -> vector.of.apply(LEASE, Map.of("version", 2)));
        for (String key : vector.state.keySet()) {
            Map<String, Object> other = new HashMap<>(vector.state);
            other.put(key, key.equals("rs485") ? List.of() : "otherwise");
            assertThrows(RuntimeException.class, () -> vector.of.apply(LEASE, other), key);
        }
    }

    @Test
    void doesNotWatchWhatWasWatched() {
        Map<String, Object> input = Map.of("lines", List.of(7), "settings",
                List.of("INPUT", false, "AS_IS", "PUSH_PULL", "BOTH", "REALTIME", 500), "values", 0L,
                "consumer", "button");
        Map<String, Object> state = Map.of("requests", List.of(input), "channels", Map.of());
        List<?> requests = (List<?>) UsedChip.of(LEASE, state).state().get("requests");
        assertEquals("NONE", ((List<?>) ((Map<?, ?>) requests.getFirst()).get("settings")).get(4));
    }
}
