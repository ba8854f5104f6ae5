package org.myclerk.core.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.client.Client;
import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.guard.Guard;
import org.myclerk.api.node.SessionListener;
import org.myclerk.api.node.SessionState;
import org.myclerk.api.operation.Answers;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.None;
import org.myclerk.api.payload.Range;
import org.myclerk.core.dispatch.HandlerTable;

/** A handler, and a whole node, are replaced while a client calls over TCP: it sees a delay and no error. */
@Timeout(60)
class ReplacementTest {

    /** A number. */
    public record Count(@Range(max = 1_000_000) int n) {
    }

    private static final Operation<Count, Count> ECHO =
            Operation.call(0xF001, "TEST_ECHO", "Answers with what it got", Count.class, Count.class);
    private static final Operation<None, Count> COUNT =
            Operation.call(0xF002, "TEST_COUNT", "Goes on counting", None.class, Count.class).followed();
    private static final Operation<Count, None> NOTE =
            Operation.oneWay(0xF003, "TEST_NOTE", "Nobody answers", Count.class).inline();
    private static final Operation<None, Count> WAIT =
            Operation.call(0xF004, "TEST_WAIT", "Waits until it is told", None.class, Count.class);
    private static final OperationTable TABLE = OperationTable.of("test", 0xF000, 0xF00F, ECHO, COUNT, NOTE,
            WAIT);
    private static final Operation<None, None> PING =
            Operation.call(0xF010, "TEST_PING", "Answers", None.class, None.class);
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private final BlockingQueue<Integer> notes = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> numbers = new LinkedBlockingQueue<>();
    private final CountDownLatch waits = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private TestNode node;
    private Client client;
    private Peer peer;

    @BeforeEach
    void start() throws Exception {
        node = new TestNode(folder, "hub");
        node.serve(OperationTable.of("ping", 0xF010, 0xF01F, PING).bind().to(PING, (caller, none) -> none)
                .done());
        client = Client.open(folder);
        peer = client.own();
    }

    @AfterEach
    void stop() {
        client.close();
        node.close();
    }

    private Bindings bindings() {
        return TABLE.bind()
                .to(ECHO, (caller, request) -> request)
                .following(COUNT, this::count)
                .to(NOTE, (caller, request) -> {
                    notes.add(request.n());
                    return None.NONE;
                })
                .to(WAIT, (caller, request) -> {
                    waits.countDown();
                    goOn.await();
                    return new Count(7);
                })
                .done();
    }

    /** The next number is taken from where all versions find it. */
    private Count count(Caller caller, None request, Answers<Count> answers) throws InterruptedException {
        AtomicBoolean over = new AtomicBoolean();
        answers.movable(() -> {
            over.set(true);
            numbers.add(-1);
        });
        while (!over.get()) {
            int next = numbers.take();
            if (next >= 0 && !answers.send(new Count(next))) {
                List<Integer> rest = new ArrayList<>(List.of(next));
                numbers.drainTo(rest);
                numbers.addAll(rest.stream().filter(each -> each >= 0).toList());
                return answers.moves() ? null : new Count(next);
            }
        }
        return null;
    }

    @Test
    void tellsACallThatLastsThatItsHandlerGoes() throws Exception {
        Operation<None, Count> last =
                Operation.call(0xF020, "TEST_LAST", "Lasts", None.class, Count.class).followed();
        HandlerTable.Slot slot = node.serve(OperationTable.of("last", 0xF020, 0xF02F, last).bind()
                .following(last, (caller, none, answers) -> {
                    CountDownLatch leaves = new CountDownLatch(1);
                    answers.onLeave(leaves::countDown);
                    answers.send(new Count(1));
                    leaves.await();
                    answers.send(new Count(2));
                    return new Count(3);
                }).done());
        try (Followed<Count> call = peer.follow(last, None.NONE, 8, CallOptions.USUAL)) {
            assertEquals(new Count(1), call.next());
            assertTrue(node.handlers.remove(slot, LONG), "it came to its end");
            assertEquals(new Count(2), call.next(), "it may still answer");
            assertEquals(new Count(3), call.next());
        }
    }

    @Test
    void parksRequestsInOrderUntilTheNextVersionIsThere() throws Exception {
        HandlerTable.Slot before = node.serve(bindings());
        node.handlers.replacing(true, List.of());
        assertTrue(node.handlers.remove(before, LONG));
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 200; i++) {
                peer.send(NOTE, new Count(i), CallOptions.USUAL);
            }
            Future<Count> answer = pool.submit(() -> peer.call(ECHO, new Count(5)));
            peer.call(PING, None.NONE);
            assertNull(notes.poll());
            assertFalse(answer.isDone());
            for (int i = 200; i < 300; i++) {
                peer.send(NOTE, new Count(i), CallOptions.USUAL);
            }
            node.serve(bindings());
            assertEquals(new Count(5), answer.get());
        }
        for (int i = 0; i < 300; i++) {
            assertEquals(i, notes.poll(10, TimeUnit.SECONDS));
        }
        node.handlers.replacing(false, List.of());
    }

    @Test
    void saysWithinBoundsThatNothingWasDone() throws Exception {
        HandlerTable.Slot before = node.serve(bindings());
        node.handlers.replacing(true, List.of());
        node.handlers.remove(before, LONG);
        long begin = System.nanoTime();
        Refused refused = assertThrows(Refused.class, () -> peer.call(ECHO, new Count(5),
                new CallOptions(null, Duration.ofMillis(2050))));
        assertEquals(ErrorCode.SERVICE_UNAVAILABLE, refused.code());
        assertNotNull(refused.retryAfter());
        assertTrue(System.nanoTime() - begin >= 1_900_000_000L, "it waits for the next version first");
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Count> answer = pool.submit(() -> peer.call(ECHO, new Count(6)));
            assertThrows(TimeoutException.class, () -> answer.get(2100, TimeUnit.MILLISECONDS));
            node.serve(bindings());
            assertEquals(new Count(6), answer.get(), "a caller with time asks again");
        }
    }

    @Test
    void saysThatNothingServesWhatDoesNotComeBack() throws Exception {
        HandlerTable.Slot before = node.serve(bindings());
        node.handlers.replacing(true, List.of());
        node.handlers.remove(before, LONG);
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<ErrorCode> answer = pool.submit(() ->
                    assertThrows(Refused.class, () -> peer.call(ECHO, new Count(5))).code());
            node.handlers.replacing(false, List.of());
            assertEquals(ErrorCode.NOT_FOUND, answer.get());
        }
    }

    @Test
    void letsNobodyInAndRefusesNobodyWhileTheGuardIsReplaced() throws Exception {
        node.serve(bindings());
        Guard before = node.guard;
        node.guard = null;
        Refused refused = assertThrows(Refused.class, () -> peer.call(ECHO, new Count(5),
                new CallOptions(null, Duration.ofMillis(2050))));
        assertEquals(ErrorCode.SERVICE_UNAVAILABLE, refused.code());
        assertNotNull(refused.retryAfter());
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Count> answer = pool.submit(() -> peer.call(ECHO, new Count(6)));
            node.guard = before;
            node.handlers.awaken();
            assertEquals(new Count(6), answer.get());
        }
    }

    @Test
    void movesAFollowedCallToTheNextVersion() throws Exception {
        HandlerTable.Slot before = node.serve(bindings());
        try (Followed<Count> following = peer.follow(COUNT, None.NONE, 4, CallOptions.USUAL)) {
            for (int version = 0; version < 5; version++) {
                for (int i = 0; i < 20; i++) {
                    numbers.add(version * 20 + i);
                }
                for (int i = 0; i < 10; i++) {
                    assertEquals(new Count(version * 20 + i), following.next());
                }
                node.handlers.replacing(true, List.of());
                assertTrue(node.handlers.remove(before, LONG), "the followed call leaves at once");
                before = node.serve(bindings());
                node.handlers.replacing(false, List.of());
                for (int i = 10; i < 20; i++) {
                    assertEquals(new Count(version * 20 + i), following.next());
                }
            }
        }
    }

    @Test
    void endsAFollowedCallThatNoNextVersionTakes() throws Exception {
        HandlerTable.Slot before = node.serve(bindings());
        try (Followed<Count> following = peer.follow(COUNT, None.NONE, 4, CallOptions.USUAL)) {
            numbers.add(1);
            assertEquals(new Count(1), following.next());
            assertTrue(node.handlers.remove(before, LONG));
            assertEquals(ErrorCode.SERVICE_UNAVAILABLE, assertThrows(Refused.class, following::next).code());
        }
    }

    @Test
    void replacesTheNodeUnderLoadWithoutAFailedRequest() throws Exception {
        node.serve(bindings());
        AtomicBoolean done = new AtomicBoolean();
        List<String> resumed = Collections.synchronizedList(new ArrayList<>());
        List<Future<Integer>> callers = new ArrayList<>();
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                int own = i;
                callers.add(pool.submit(() -> {
                    int calls = 0;
                    while (!done.get()) {
                        Count sent = new Count(own * 1000 + calls++ % 1000);
                        assertEquals(sent, peer.call(ECHO, sent));
                    }
                    return calls;
                }));
            }
            for (int round = 0; round < 5; round++) {
                peer.call(ECHO, new Count(1));
                node = node.replaced();
                node.serve(bindings());
                node.handlers.replacing(false, List.of());
                peer.call(ECHO, new Count(1));
                node.core.sessions().forEach(session -> resumed.add(session.resumed() ? "resumed" : "full"));
            }
            done.set(true);
            for (Future<Integer> caller : callers) {
                assertTrue(caller.get() > 0);
            }
        }
        assertEquals(Collections.nCopies(5, "resumed"), resumed, "the ticket keys went along");
    }

    @Test
    void answersWhatIsUnderWayBeforeItCloses() throws Exception {
        node.serve(bindings());
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Count> answer = pool.submit(() -> peer.call(WAIT, None.NONE));
            waits.await();
            Future<TestNode> next = pool.submit(node::replaced);
            assertNotNull(refusalOfAnEcho().retryAfter(), "no new request while that one is under way");
            goOn.countDown();
            assertEquals(new Count(7), answer.get());
            node = next.get();
            node.serve(bindings());
            assertEquals(new Count(2), peer.call(ECHO, new Count(2)));
        }
    }

    /** The first refusal; until then the node has not begun to close. */
    private Refused refusalOfAnEcho() throws Exception {
        CallOptions impatient = new CallOptions(null, Duration.ofMillis(90));
        while (true) {
            try {
                assertEquals(new Count(1), peer.call(ECHO, new Count(1), impatient));
            } catch (Refused refused) {
                return refused;
            }
        }
    }

    @Test
    void doesNotClaimThatAnInterruptedRequestDidNothing() throws Exception {
        node.serve(bindings());
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<ErrorCode> answer = pool.submit(() ->
                    assertThrows(Refused.class, () -> peer.call(WAIT, None.NONE)).code());
            waits.await();
            node = node.replaced();
            assertEquals(ErrorCode.TIMEOUT, answer.get());
        }
    }

    @Test
    void tellsThatASessionGoesOnFromTheOneBeforeTheUpgrade() throws Exception {
        TestNode pi = new TestNode(folder.resolve("pi"), "pi");
        try {
            BlockingQueue<Bytes> from = new LinkedBlockingQueue<>();
            pi.family.join(node.family.invite("admin", Duration.ofMinutes(1), List.of(), Optional.empty()),
                    Optional.of("pi"));
            Bytes before = pi.core.peer("hub").session();
            TestNode next = node.replaced();
            node = next;
            next.listeners.add(new SessionListener() {
                @Override
                public void opened(SessionState session, Bytes resumedFrom) {
                    from.add(resumedFrom);
                }

                @Override
                public void ended(SessionState session) {
                    // Not of interest.
                }
            });
            Bytes resumedFrom = from.poll(2, TimeUnit.SECONDS);
            assertEquals(before, resumedFrom, "within 2 s, and the leases of that session can move");
        } finally {
            pi.close();
        }
    }
}
