package org.myclerk.op.client.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.device.DeviceSource;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Rights;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.Payload;
import org.myclerk.devices.DeviceRegistry;
import org.myclerk.op.client.ClientOperations;
import org.myclerk.op.client.DeviceRequest;
import org.myclerk.op.client.NewRequest;
import org.myclerk.op.client.RequestDecision;
import org.myclerk.op.client.RequestList;
import org.myclerk.op.client.RequestQuery;
import org.myclerk.op.client.RequestState;
import org.myclerk.op.client.RequestSummary;
import org.myclerk.op.client.RequestedDevice;
import org.myclerk.store.SqliteStore;
import org.myclerk.testing.TestAnswers;
import org.myclerk.testing.TestAudit;
import org.myclerk.testing.TestCaller;
import org.myclerk.testing.TestRights;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RequestsTest {

    private static final long NOW = Instant.parse("2026-11-26T12:00:00Z").getEpochSecond();
    private static final RequestQuery PENDING = new RequestQuery(Optional.empty());
    private static final RequestQuery ALL = new RequestQuery(Optional.of(true));
    private static final int RACES = 100;

    @TempDir
    Path folder;

    private final ManualClock clock = new ManualClock(NOW);
    private final DeviceRegistry devices = new DeviceRegistry(Duration.ZERO);
    private final TestAudit audit = new TestAudit();
    private final TestCaller hub = new TestCaller("hub", 1, Set.of("hub"));
    private final TestCaller otherHub = new TestCaller("other", 2, Set.of("hub"));
    private final TestCaller ada = new TestCaller("ada", 3, Set.of("admin"));
    private SqliteStore store;
    private TestRights rights;
    private Requests requests;

    @BeforeEach
    void open() {
        store = new SqliteStore(folder.resolve("node.db"));
        rights = new TestRights(store);
        requests = new Requests(devices, rights, audit, store, clock);
        devices.addSource(new DeviceSource() {

            @Override
            public void start(DeviceSink sink) {
                for (String id : List.of("lamp", "door", "bell")) {
                    sink.appeared(new Device(new DeviceInfo(id, "lamp", id, "bench", Fields.NONE, true),
                            new Object()));
                }
            }

            @Override
            public void stop() {
                // They go with the registry.
            }
        });
    }

    @AfterEach
    void close() {
        requests.stop();
        store.close();
        devices.stop();
    }

    /** As after a crash: nobody is told, and what is in the store is read again. */
    private void reopen() {
        requests.stop();
        store.close();
        store = new SqliteStore(folder.resolve("node.db"));
        requests = new Requests(devices, rights, audit, store, clock);
    }

    private static Bytes token(int number) {
        return Bytes.wrap(ByteBuffer.allocate(16).putInt(12, number).array());
    }

    private static NewRequest wanted(int token, long expires, String... devices) {
        return new NewRequest(token(token), List.of(devices).stream()
                .map(device -> new RequestedDevice(device, AccessMode.READ_WRITE)).toList(), expires,
                Optional.of("the hall"));
    }

    private DeviceRequest ask(int token, String... devices) throws Refused {
        return requests.create(hub, wanted(token, NOW + 60, devices));
    }

    private DeviceRequest answer(int token, String... approved) throws Refused, InterruptedException {
        return requests.decide(ada, new RequestDecision(token(token), List.of(approved),
                Optional.of("because")));
    }

    private DeviceRequest details(TestCaller caller, int token) throws Refused, InterruptedException {
        return requests.details(caller, token(token), TestAnswers.single());
    }

    private static Refused refused(ErrorCode code, Executable call) {
        Refused refused = assertThrows(Refused.class, call);
        assertEquals(code, refused.code(), refused.getMessage());
        return refused;
    }

    private static Grant grant(String device, TestCaller to) {
        return new Grant(device, Subject.node(to.nodeId()), AccessMode.READ_WRITE);
    }

    @Test
    void sharesAllSomeOrNoneOfWhatIsAskedFor() throws Exception {
        DeviceRequest asked = ask(1, "lamp", "door");
        assertEquals(RequestState.PENDING, asked.state());
        ask(2, "lamp", "bell");
        ask(3, "door");
        assertEquals(List.of(), rights.all(), "nothing is shared before somebody decides");

        DeviceRequest some = answer(2, "bell");
        assertEquals(RequestState.PARTIALLY_APPROVED, some.state());
        assertEquals(List.of("bell"), some.approved());
        assertEquals(List.of(grant("bell", hub)), rights.all());
        assertEquals(RequestState.REJECTED, answer(3).state());
        assertEquals(List.of(grant("bell", hub)), rights.all());
        DeviceRequest all = answer(1, "door", "lamp");
        assertEquals(RequestState.APPROVED, all.state());
        assertEquals(Optional.of("ada"), all.decidedBy());
        assertEquals(Optional.of("because"), all.reason());
        assertEquals(3, rights.all().size());
        assertEquals(all, details(hub, 1));
    }

    @Test
    void keepsEveryStateOverARestart() throws Exception {
        ask(1, "lamp");
        ask(2, "lamp");
        ask(3, "door", "bell");
        ask(4, "bell");
        ask(5, "bell");
        answer(2, "lamp");
        answer(3, "bell");
        answer(4);
        requests.cancel(hub, token(5));
        List<DeviceRequest> before = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            before.add(details(ada, i));
        }
        reopen();
        for (int i = 1; i <= 5; i++) {
            assertEquals(before.get(i - 1), details(ada, i));
        }
        assertEquals(List.of(RequestState.PENDING, RequestState.APPROVED, RequestState.PARTIALLY_APPROVED,
                RequestState.REJECTED, RequestState.CANCELLED),
                before.stream().map(DeviceRequest::state).toList());
        clock.move(Duration.ofSeconds(60));
        reopen();
        assertEquals(RequestState.EXPIRED, details(ada, 1).state(),
                "its time went by while the node was off");
        refused(ErrorCode.BAD_REQUEST, () -> answer(1, "lamp"));
    }

    @Test
    void expiresAndTellsWhoFollows() throws Exception {
        ask(1, "lamp");
        TestAnswers<DeviceRequest> followed = TestAnswers.followed(1);
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<DeviceRequest> last = pool.submit(() -> requests.details(hub, token(1), followed));
            assertEquals(RequestState.PENDING, followed.next().state());
            clock.move(Duration.ofSeconds(59));
            requests.wake();
            assertEquals(RequestState.PENDING, details(hub, 1).state());
            clock.move(Duration.ofSeconds(1));
            requests.wake();
            assertEquals(RequestState.EXPIRED, last.get().state());
        }
        assertEquals(Optional.of(NOW + 60), details(hub, 1).decided());
        assertEquals(List.of(), requests.list(ada, PENDING, TestAnswers.single()).requests());
        String note = audit.notes.poll(20, TimeUnit.SECONDS);
        while (!note.contains("expired")) {
            note = audit.notes.poll(20, TimeUnit.SECONDS);
        }
        clock.move(Duration.ofDays(-1));
        reopen();
        assertEquals(RequestState.EXPIRED, details(hub, 1).state(), "also if the clock is set back");
    }

    @Test
    void tellsBothSides() throws Exception {
        TestAnswers<RequestList> server = TestAnswers.followed(10);
        TestAnswers<DeviceRequest> client = TestAnswers.followed(10);
        ask(1, "lamp");
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<RequestList> end = pool.submit(() -> requests.list(ada, PENDING, server));
            assertEquals(List.of(1), numbers(server.next()));
            Future<DeviceRequest> outcome = pool.submit(() -> requests.details(hub, token(1), client));
            client.next();
            ask(2, "door");
            assertEquals(List.of(2), numbers(server.next()));
            answer(1, "lamp");
            assertEquals(RequestState.APPROVED, outcome.get().state());
            assertEquals(RequestState.APPROVED, server.next().requests().getFirst().state());
            requests.cancel(hub, token(2));
            assertEquals(RequestState.CANCELLED, server.next().requests().getFirst().state());
            server.end();
            assertEquals(List.of(), end.get().requests());
        }
    }

    private static List<Integer> numbers(RequestList list) {
        return list.requests().stream().map(RequestSummary::token).map(token -> token.asBuffer().getInt(12))
                .toList();
    }

    @Test
    void showsAHubItsOwnRequestsOnly() throws Exception {
        ask(1, "lamp");
        requests.create(otherHub, wanted(2, NOW + 60, "door"));
        assertEquals(List.of(1), numbers(requests.list(hub, ALL, TestAnswers.single())));
        assertEquals(List.of(2), numbers(requests.list(otherHub, ALL, TestAnswers.single())));
        assertEquals(2, requests.list(ada, ALL, TestAnswers.single()).requests().size());
        refused(ErrorCode.NOT_FOUND, () -> details(otherHub, 1));
        refused(ErrorCode.NOT_FOUND, () -> requests.cancel(otherHub, token(1)));
        refused(ErrorCode.FORBIDDEN, () -> requests.cancel(ada, token(1)));
        assertEquals(RequestState.PENDING, details(hub, 1).state());
    }

    @Test
    void refusesWhatCannotBeAskedForAndChangesNothing() throws Exception {
        ask(1, "lamp");
        refused(ErrorCode.BAD_REQUEST, () -> ask(1, "door"));
        refused(ErrorCode.BAD_REQUEST, () -> requests.create(otherHub, wanted(1, NOW + 60, "door")));
        refused(ErrorCode.BAD_REQUEST, () -> requests.create(hub, wanted(2, NOW, "lamp")));
        refused(ErrorCode.BAD_REQUEST, () -> requests.create(hub, wanted(2, 0, "lamp")));
        refused(ErrorCode.BAD_REQUEST, () -> requests.create(hub, wanted(2, NOW + 91 * 86_400, "lamp")));
        refused(ErrorCode.NOT_FOUND, () -> ask(2, "lamp", "dragon"));
        assertEquals(List.of(1), numbers(requests.list(ada, ALL, TestAnswers.single())));
        assertEquals(1, store.all(Requests.BUCKET).size());
    }

    @Test
    void refusesPayloadsThatAreNone() throws Exception {
        assertThrows(IllegalArgumentException.class, () -> wanted(1, NOW + 60, "lamp", "lamp"));
        assertThrows(IllegalArgumentException.class, () -> new RequestedDevice("lamp", AccessMode.NONE));
        assertEquals(ErrorCode.BAD_REQUEST, read(wanted(1, NOW + 60, "l".repeat(10_000))).code());
    }

    private static Refused read(NewRequest request) throws Malformed {
        Bytes encoded = Fields.of(Map.of("token", request.token(), "expires", request.expires(), "devices",
                request.devices().stream().map(it -> Map.of("device", it.device(), "mode", 3L)).toList()))
                .encoded();
        Payload payload = Payload.decode(encoded);
        return assertThrows(Refused.class, () -> ClientOperations.DEVICE_REQUEST_CREATE.request()
                .read(payload));
    }

    @Test
    void decidesOnceOnly() throws Exception {
        ask(1, "lamp");
        refused(ErrorCode.BAD_REQUEST, () -> answer(1, "lamp", "door"));
        refused(ErrorCode.NOT_FOUND, () -> answer(2, "lamp"));
        assertEquals(RequestState.PENDING, details(hub, 1).state());
        assertEquals(List.of(), rights.all());
        answer(1, "lamp");
        assertTrue(refused(ErrorCode.BAD_REQUEST, () -> answer(1)).getMessage().contains("approved already"));
        refused(ErrorCode.BAD_REQUEST, () -> requests.cancel(hub, token(1)));
        assertEquals(RequestState.APPROVED, details(hub, 1).state());
    }

    @Test
    void boundsWhatIsPendingAndWhatIsKept() throws Exception {
        for (int i = 0; i < Requests.MOST_PENDING; i++) {
            ask(i, "lamp");
        }
        refused(ErrorCode.SERVICE_UNAVAILABLE, () -> ask(9_999, "lamp"));
        for (int i = 0; i < Requests.MOST_DECIDED + 20; i++) {
            answer(i);
            ask(i + Requests.MOST_PENDING, "lamp");
            clock.move(i % 100 == 0 ? Duration.ofSeconds(1) : Duration.ZERO);
        }
        assertTrue(requests.list(ada, ALL, TestAnswers.single()).requests().size()
                <= Requests.MOST_DECIDED + Requests.MOST_PENDING);
        assertTrue(store.all(Requests.BUCKET).size() <= Requests.MOST_DECIDED + Requests.MOST_PENDING);
    }

    /**
     * An approval, a rejection and a cancellation at once: one comes about, and with it the rights it gives
     * or none.
     */
    @Test
    void endsInOneStateWhoeverIsFirst() throws Exception {
        EnumSet<RequestState> seen = EnumSet.noneOf(RequestState.class);
        try (ExecutorService pool = Executors.newFixedThreadPool(3)) {
            for (int i = 1; i <= RACES; i++) {
                int token = i;
                requests.create(hub, wanted(token, NOW + 60, "lamp"));
                CyclicBarrier start = new CyclicBarrier(3);
                List<Future<DeviceRequest>> tries = new ArrayList<>();
                List<Callable<DeviceRequest>> ways = Arrays.asList(() -> answer(token, "lamp"),
                        () -> answer(token), () -> requests.cancel(hub, token(token)));
                // Who comes last to the barrier does not have to be woken.
                Collections.rotate(ways, i);
                for (Callable<DeviceRequest> one : ways) {
                    tries.add(pool.submit(() -> {
                        start.await();
                        try {
                            return one.call();
                        } catch (Refused late) {
                            assertEquals(ErrorCode.BAD_REQUEST, late.code());
                            return null;
                        }
                    }));
                }
                List<DeviceRequest> done = new ArrayList<>();
                for (Future<DeviceRequest> one : tries) {
                    Optional.ofNullable(one.get()).ifPresent(done::add);
                }
                assertEquals(1, done.size());
                assertEquals(done.getFirst(), details(hub, token));
                assertEquals(done.getFirst().state() == RequestState.APPROVED, !rights.all().isEmpty());
                rights.change("root", List.of(new Rights.Change.Take("lamp",
                        Subject.node(hub.nodeId()))));
                seen.add(done.getFirst().state());
            }
        }
        assertTrue(seen.size() > 1, "the race is one: " + seen);
    }
}
