package org.myclerk.bench.jmh;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.myclerk.api.client.Peer;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Guard;
import org.myclerk.api.guard.Rights.Change;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.guard.Weekly;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Done;
import org.myclerk.bench.MyClerk.LineSet;
import org.myclerk.core.node.PlainNode;
import org.myclerk.devices.AuditLog;
import org.myclerk.devices.DeviceGuard;
import org.myclerk.devices.DeviceRegistry;
import org.myclerk.devices.RightsBook;
import org.myclerk.store.SqliteStore;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What the guard adds to a call: both questions of dispatch, with 10,000 devices, 1,000 clients and 100,000
 * grants. Each call is from another client to another device, whose id has just been decoded. An eighth of
 * the grants has times of the week.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class GuardBenchmark {

    private static final int DEVICES = 10_000;
    private static final int CLIENTS = 1_000;
    private static final int GRANTS_EACH = 100;
    private static final int ASKED = 1 << 14;
    private static final Operation<LineSet, Done> ROW =
            Operation.call(0xF001, "BENCH_SET", "Sets a line", LineSet.class, Done.class).writes();

    private final Client[] callers = new Client[ASKED];
    private final byte[][] devices = new byte[ASKED][];
    private SqliteStore store;
    private DeviceRegistry registry;
    private Guard guard;
    private int next;

    @Setup
    public void setUp() throws IOException, Refused {
        Path folder = Files.createTempDirectory("guard");
        store = new SqliteStore(folder.resolve("node.db"));
        AuditLog audit = new AuditLog(store, PlainNode.standard(AuditLog.Config.class));
        RightsBook rights = new RightsBook(store, audit);
        registry = new DeviceRegistry(PlainNode.standard(DeviceRegistry.Config.class), rights, audit, store);
        guard = new DeviceGuard(rights, registry, audit);
        Client[] clients = new Client[CLIENTS];
        List<Change> changes = new ArrayList<>();
        for (int c = 0; c < CLIENTS; c++) {
            clients[c] = new Client(Bytes.wrap(ByteBuffer.allocate(16).putLong(c * 0x9E3779B97F4A7C15L)
                    .putLong(c).array()),
                    "client-" + c);
            for (int g = 0; g < GRANTS_EACH; g++) {
                changes.add(new Change.Give(new Grant(device(c, g), Subject.node(clients[c].nodeId()),
                        AccessMode.READ_WRITE, g % 8 == 0 ? Weekly.parse("daily 0:00-24:00") : List.of(),
                        Optional.empty(), Optional.empty())));
            }
        }
        rights.change("bench", changes);
        for (int i = 0; i < ASKED; i++) {
            int client = (i * 7_919) % CLIENTS;
            callers[i] = clients[client];
            devices[i] = device(client, i % GRANTS_EACH).getBytes(StandardCharsets.UTF_8);
        }
    }

    @TearDown
    public void tearDown() {
        registry.stop();
        store.close();
    }

    private static String device(int client, int grant) {
        return "usb-0403-6001-unit-%05d".formatted((client * GRANTS_EACH + grant) % DEVICES);
    }

    @Benchmark
    public void bothQuestions() throws Refused {
        int at = next++ & ASKED - 1;
        Client caller = callers[at];
        guard.operation(caller, ROW);
        guard.device(caller, ROW, new String(devices[at], StandardCharsets.UTF_8));
    }

    /** What of that is the decoding of the id. */
    @Benchmark
    public String idAlone() {
        return new String(devices[next++ & ASKED - 1], StandardCharsets.UTF_8);
    }

    /** A member. */
    private record Client(Bytes nodeId, String name) implements Caller {

        private static final Set<String> MEMBER = Set.of("member");

        @Override
        public Bytes family() {
            return nodeId;
        }

        @Override
        public Set<String> roles() {
            return MEMBER;
        }

        @Override
        public Tier tier() {
            return Tier.T3;
        }

        @Override
        public Bytes session() {
            return nodeId;
        }

        @Override
        public long rid() {
            return 1;
        }

        @Override
        public Peer peer() {
            throw new UnsupportedOperationException();
        }

        @Override
        public <E> boolean emit(Operation<?, E> operation, E event) {
            return false;
        }

        @Override
        public <E> boolean offer(Operation<?, E> operation, E event) {
            return false;
        }

        @Override
        public void onSessionEnd(Runnable task) {
            throw new UnsupportedOperationException();
        }
    }
}
