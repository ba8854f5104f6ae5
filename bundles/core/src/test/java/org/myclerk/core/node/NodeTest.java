package org.myclerk.core.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.client.Client;
import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.client.Peer.Event;
import org.myclerk.api.node.Family;
import org.myclerk.api.node.Pairing;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.node.SessionListener;
import org.myclerk.api.node.SessionState;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.Audience;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.None;
import org.myclerk.api.payload.Range;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.core.dispatch.AdministratorsOnly;
import org.myclerk.core.trust.Invitation;

/** Two nodes on loopback: pairing, calls both ways, what is refused, and what happens when sessions end. */
@Timeout(60)
class NodeTest {

    /** A number. */
    public record Count(@Range(max = 1_000_000) int n) {
    }

    private static final Operation<Fields, Fields> ECHO =
            Operation.call(0xF001, "TEST_ECHO", "Answers with what it got", Fields.class, Fields.class);
    private static final Operation<Count, Count> COUNT =
            Operation.call(0xF002, "TEST_COUNT", "Counts to n", Count.class, Count.class).followed();
    private static final Operation<None, Count> TICK =
            Operation.event(0xF003, "TEST_TICK", "A number of TEST_TICKS", Count.class);
    private static final Operation<Count, Done> TICKS =
            Operation.call(0xF004, "TEST_TICKS", "Sends n events", Count.class, Done.class);
    private static final Operation<None, Done> FAIL =
            Operation.call(0xF005, "TEST_FAIL", "Fails", None.class, Done.class);
    private static final Operation<None, Done> STRONG =
            Operation.call(0xF006, "TEST_STRONG", "Needs tier 5", None.class, Done.class).floor(Tier.T5);
    private static final Operation<None, Done> OWNERS =
            Operation.call(0xF007, "TEST_OWNERS", "For owners", None.class, Done.class)
            .audience(Audience.OWNERS);
    private static final Operation<None, Done> WAIT =
            Operation.call(0xF008, "TEST_WAIT", "Waits for the session to end", None.class, Done.class);
    private static final Operation<Count, Fields> LARGE =
            Operation.call(0xF009, "TEST_LARGE", "Answers with n bytes", Count.class, Fields.class);
    private static final Operation<Count, None> NOTE =
            Operation.oneWay(0xF00A, "TEST_NOTE", "Nobody answers", Count.class);
    private static final Operation<Count, Fields> DEEP =
            Operation.call(0xF00B, "TEST_DEEP", "Answers with maps in maps", Count.class, Fields.class);
    private static final Operation<Fields, None> BULK =
            Operation.oneWay(0xF00C, "TEST_BULK", "Many bytes that nobody answers", Fields.class);
    private static final OperationTable TABLE = OperationTable.of("test", 0xF000, 0xF00F, ECHO, COUNT, TICK,
            TICKS, FAIL, STRONG, OWNERS, WAIT, LARGE, NOTE, DEEP, BULK);

    @TempDir
    Path folder;

    private final BlockingQueue<Integer> notes = new LinkedBlockingQueue<>();
    private final CountDownLatch bulk = new CountDownLatch(4 * 300);
    private final CountDownLatch waiting = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private TestNode hub;
    private TestNode pi;

    @BeforeEach
    void start() throws Exception {
        hub = new TestNode(folder.resolve("hub"), "hub");
        serveTest(hub);
        pi = new TestNode(folder.resolve("pi"), "pi");
    }

    @AfterEach
    void stop() {
        pi.close();
        hub.close();
    }

    private void serveTest(TestNode node) {
        node.serve(TABLE.bind()
                .to(ECHO, (caller, request) -> request)
                .following(COUNT, (caller, request, answers) -> {
                    for (int i = 0; i < request.n(); i++) {
                        if (!answers.send(new Count(i))) {
                            return new Count(i);
                        }
                    }
                    return new Count(request.n());
                })
                .to(TICKS, (caller, request) -> {
                    for (int i = 0; i < request.n(); i++) {
                        caller.emit(TICK, new Count(i));
                    }
                    return Done.DONE;
                })
                .to(FAIL, (caller, request) -> {
                    throw new IllegalStateException("on purpose");
                })
                .to(STRONG, (caller, request) -> Done.DONE)
                .to(OWNERS, (caller, request) -> Done.DONE)
                .to(WAIT, (caller, request) -> {
                    waiting.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException expected) {
                        interrupted.countDown();
                        throw expected;
                    }
                    return Done.DONE;
                })
                .to(DEEP, (caller, request) -> {
                    Map<String, Object> map = Map.of();
                    for (int level = 1; level < request.n(); level++) {
                        map = Map.of("x", map);
                    }
                    return Fields.of(map);
                })
                .to(LARGE, (caller, request) -> Fields.of(Map.of("data", Bytes.wrap(new byte[request.n()]))))
                .to(BULK, (caller, request) -> {
                    bulk.countDown();
                    return None.NONE;
                })
                .to(NOTE, (caller, request) -> {
                    notes.add(request.n());
                    return None.NONE;
                })
                .done());
    }

    private Peer join(String role) throws Exception {
        pi.family.join(hub.family.invite(role, Duration.ofMinutes(5), List.of(), Optional.empty()),
                Optional.empty());
        return pi.core.peer("hub");
    }

    private static int code(Refused refused) {
        return refused.code().value();
    }

    @Test
    void pairsAndCallsInBothDirections() throws Exception {
        Peer peer = join("admin");
        assertEquals("hub", peer.name());
        assertEquals(Tier.T5, peer.tier());
        Fields fields = Fields.of(Map.of("line", 3L, "text", "hello"));
        assertEquals(fields.toMap(), peer.call(ECHO, fields).toMap());

        serveTest(pi);
        hub.core.serves(hub.core.sessions().getFirst().uid());
        assertEquals(fields.toMap(), hub.core.peer("pi").call(ECHO, fields).toMap());
        assertEquals(1, hub.core.sessions().size(), "both sides call over one session");
    }

    @Test
    void refusesEveryoneWhoIsNoAdministrator() throws Exception {
        Peer peer = join("member");
        Refused refused = assertThrows(Refused.class, () -> peer.call(ECHO, Fields.NONE));
        assertEquals(0x12, code(refused));
        Refused unknown = assertThrows(Refused.class,
                () -> peer.call(Operation.unknown(new OpCode(0xF123)), Fields.NONE));
        assertEquals(0x12, code(unknown), "the right is asked before it is known whether anything serves it");
    }

    @Test
    void refusesWithTheCodesOfTheProfile() throws Exception {
        Peer peer = join("admin");
        assertEquals(0x13, code(assertThrows(Refused.class,
                () -> peer.call(Operation.unknown(new OpCode(0xF123)), Fields.NONE))));
        assertEquals(0x10, code(assertThrows(Refused.class,
                () -> peer.call(Operation.unknown(COUNT.code()), Fields.of(Map.of("n", "many"))))));
        assertEquals(0x20, code(assertThrows(Refused.class, () -> peer.call(FAIL, None.NONE))));
        assertEquals(0x12, code(assertThrows(Refused.class, () -> peer.call(OWNERS, None.NONE))));
        Operation<None, Done> weak = Operation.call(0xF006, "TEST_STRONG", "Needs tier 5", None.class,
                Done.class);
        Refused tier = assertThrows(Refused.class, () -> peer.call(weak, None.NONE));
        assertEquals(Tier.T5, tier.requiredTier());
        assertEquals(Done.DONE, peer.call(STRONG, None.NONE));
    }

    @Test
    void answersServiceUnavailableWhenTheAnswerDoesNotFit() throws Exception {
        Peer peer = join("admin");
        assertEquals(900_000, ((Bytes) peer.call(LARGE, new Count(900_000)).toMap().get("data")).length());
        Operation<None, Done> tooLarge = Operation.call(0xF009, "TEST_LARGE", "n bytes", None.class,
                Done.class);
        assertThrows(IOException.class,
                () -> peer.call(ECHO, Fields.of(Map.of("data", Bytes.wrap(new byte[1 << 20])))));
        assertEquals(0x10, code(assertThrows(Refused.class, () -> peer.call(tooLarge, None.NONE))));
    }

    @Test
    void callsWithoutWaiting() throws Exception {
        Peer peer = join("admin");
        BlockingQueue<Object> came = new LinkedBlockingQueue<>();
        Fields first = Fields.of(Map.of("n", 0L));
        peer.call(ECHO, first, CallOptions.USUAL, new BiConsumer<Fields, Exception>() {
            private int asked;

            @Override
            public void accept(Fields answer, Exception failed) {
                came.add(answer == null ? failed : answer.toMap());
                for (; asked < 200 && (asked < 32 || failed == null); asked++) {
                    peer.call(ECHO, Fields.of(Map.of("n", asked + 1L)), CallOptions.USUAL, this);
                }
            }
        });
        for (int i = 0; i <= 200; i++) {
            came.take();
        }
        peer.call(STRONG, None.NONE, new CallOptions(Tier.T3, Duration.ofSeconds(5)),
                (_, failed) -> came.add(failed));
        assertEquals(Tier.T5, ((Refused) came.take()).requiredTier());
        peer.call(LARGE, new Count(5), CallOptions.USUAL, (answer, _) -> {
            came.add(answer);
            throw new IllegalStateException("on purpose");
        });
        assertEquals(5, ((Bytes) ((Fields) came.take()).toMap().get("data")).length());
        peer.call(ECHO, Fields.of(Map.of("data", Bytes.wrap(new byte[1 << 20]))), CallOptions.USUAL,
                (_, failed) -> came.add(failed));
        assertTrue(((IOException) came.take()).getMessage().contains("does not fit"));
    }

    /** 1 if a thread of the request's own served it. */
    @Test
    void servesOnTheLoopWhatCertainlyDoesNotBlock() throws Exception {
        Operation<Count, Count> sometimes =
                Operation.call(0xF020, "TEST_SOMETIMES", "Tells of its thread", Count.class, Count.class);
        hub.serve(OperationTable.of("sometimes", 0xF020, 0xF02F, sometimes).bind()
                .to(sometimes, (_, _) -> new Count(Thread.currentThread().isVirtual() ? 1 : 0),
                        request -> request.n() > 10)
                .done());
        Peer peer = join("admin");
        assertEquals(new Count(1), peer.call(sometimes, new Count(10)));
        assertEquals(new Count(0), peer.call(sometimes, new Count(11)));
    }

    @Test
    void saysWhatBecameOfCallsThatNobodyAnswered() throws Exception {
        Peer peer = join("admin");
        BlockingQueue<Exception> failures = new LinkedBlockingQueue<>();
        for (int i = 0; i < 256; i++) {
            peer.call(WAIT, None.NONE, CallOptions.USUAL, (_, failed) -> failures.add(failed));
        }
        peer.call(ECHO, Fields.NONE, CallOptions.USUAL, (_, failed) -> failures.add(failed));
        assertTrue(failures.take().getMessage().contains("too many requests"));
        hub.close();
        for (int i = 0; i < 256; i++) {
            assertTrue(failures.take().getMessage().contains("ended"));
        }
        peer.call(ECHO, Fields.NONE, CallOptions.USUAL, (_, failed) -> failures.add(failed));
        assertTrue(failures.take() instanceof IOException);
    }

    @Test
    void endsTheWaitForAnAnswerInTime() throws Exception {
        Peer peer = join("admin");
        BlockingQueue<Exception> failures = new LinkedBlockingQueue<>();
        peer.call(WAIT, None.NONE, CallOptions.USUAL, (_, failed) -> failures.add(failed));
        peer.call(WAIT, None.NONE, new CallOptions(null, Duration.ofMillis(50)),
                (_, failed) -> failures.add(failed));
        assertTrue(failures.take().getMessage().contains("no answer in time"));
        assertTrue(failures.isEmpty(), "the other one waits on");
    }

    @Test
    void followsACallWithCreditAndEndsIt() throws Exception {
        Peer peer = join("admin");
        try (Followed<Count> all = peer.follow(COUNT, new Count(1000), 8, CallOptions.USUAL)) {
            List<Integer> seen = new ArrayList<>();
            for (Count count = all.next(); count != null; count = all.next()) {
                seen.add(count.n());
            }
            assertEquals(1001, seen.size());
            assertTrue(all.last());
            for (int i = 0; i <= 1000; i++) {
                assertEquals(i, seen.get(i));
            }
        }
        Followed<Count> some = peer.follow(COUNT, new Count(1_000_000), 4, CallOptions.USUAL);
        assertEquals(0, some.next().n());
        some.close();
        assertEquals(Map.of("x", 1L), peer.call(ECHO, Fields.of(Map.of("x", 1L))).toMap());
    }

    @Test
    void endsAFollowedCallWhoseRightIsTakenBack() throws Exception {
        Peer peer = join("admin");
        Followed<Count> counting = peer.follow(COUNT, new Count(1_000_000), 1, CallOptions.USUAL);
        assertEquals(0, counting.next().n());
        hub.guard = new AdministratorsOnly() {
            @Override
            public void operation(Caller caller, Operation<?, ?> operation) throws Refused {
                throw Refused.forbidden("taken back");
            }
        };
        hub.dispatcher.reconsider();
        Refused refused = assertThrows(Refused.class, () -> {
            for (Count count = counting.next(); count != null; count = counting.next()) {
                assertTrue(count.n() <= 2, "what was under way comes, and nothing more");
            }
        });
        assertEquals("taken back", refused.getMessage());
    }

    @Test
    void deliversEventsInOrderToWhoListens() throws Exception {
        Peer peer = join("admin");
        BlockingQueue<Event<Count>> events = new ArrayBlockingQueue<>(1);
        try (Peer.Subscription _ = peer.onEvent(TICK, event -> {
            try {
                events.put(event);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        })) {
            try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<Done> done = pool.submit(() -> peer.call(TICKS, new Count(5000)));
                for (int i = 0; i < 5000; i++) {
                    Event<Count> event = events.take();
                    assertEquals(i, event.value().n());
                    assertNotEquals(0, event.watch());
                }
                assertEquals(Done.DONE, done.get());
            }
        }
    }

    @Test
    void takesMessagesThatNobodyAnswers() throws Exception {
        Peer peer = join("admin");
        peer.send(NOTE, new Count(7), CallOptions.USUAL);
        assertEquals(7, notes.take());
    }

    @Test
    void goesOnSendingWhenAFullQueueHasRoomAgain() throws Exception {
        Peer peer = join("admin");
        Fields large = Fields.of(Map.of("data", Bytes.wrap(new byte[60_000])));
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int thread = 0; thread < 4; thread++) {
                pool.submit(() -> {
                    for (int i = 0; i < 300; i++) {
                        peer.send(BULK, large, CallOptions.USUAL);
                    }
                    return null;
                });
            }
        }
        bulk.await();
    }

    @Test
    void interruptsAHandlerWhoseCallerIsGone() throws Exception {
        Peer peer = join("admin");
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Done> call = pool.submit(() -> peer.call(WAIT, None.NONE));
            waiting.await();
            hub.core.close(hub.core.sessions().getFirst().uid(), "test");
            assertTrue(interrupted.await(10, TimeUnit.SECONDS));
            assertThrows(Exception.class, call::get);
        }
    }

    @Test
    void resumesByItselfAfterItsSessionEnded() throws Exception {
        BlockingQueue<Boolean> resumed = new LinkedBlockingQueue<>();
        pi.listeners.add(new SessionListener() {
            @Override
            public void opened(SessionState session, Bytes resumedFrom) {
                resumed.add(session.resumed());
            }

            @Override
            public void ended(SessionState session) {
                // Only openings count here.
            }
        });
        Peer peer = join("admin");
        assertFalse(resumed.take());
        hub.core.close(hub.core.sessions().getFirst().uid(), "test");
        assertTrue(resumed.take(), "the second session resumes the first");
        assertEquals(Map.of(), pi.core.peer("hub").call(ECHO, Fields.NONE).toMap());
        assertTrue(peer.connected());
    }

    @Test
    void givesASessionNewKeys() throws Exception {
        Peer peer = join("admin");
        Bytes session = hub.core.sessions().getFirst().uid();
        hub.core.rotate(session);
        assertEquals(1, hub.core.sessions().getFirst().generation());
        assertEquals(Map.of("x", 1L), peer.call(ECHO, Fields.of(Map.of("x", 1L))).toMap());
    }

    @Test
    void endsTheSessionsOfARevokedNodeWhichLearnsWhy() throws Exception {
        Peer peer = join("admin");
        CountDownLatch warned = new CountDownLatch(1);
        Logger log = Logger.getLogger("org.myclerk.core");
        log.setFilter(line -> {
            if (line.getLevel() == Level.WARNING && line.getMessage().contains("was revoked: nobody")) {
                warned.countDown();
            }
            return true;
        });
        CountDownLatch ended = new CountDownLatch(1);
        peer.onEnd(ended::countDown);
        hub.family.revoke("pi", Optional.empty());
        assertTrue(ended.await(10, TimeUnit.SECONDS));
        assertThrows(IOException.class, () -> peer.call(ECHO, Fields.NONE));
        assertTrue(warned.await(30, TimeUnit.SECONDS), "its next handshake brings it the list");
        log.setFilter(null);
    }

    @Test
    void saysThatAnAnswerNestsTooDeep() throws Exception {
        Peer peer = join("admin");
        assertEquals(1, peer.call(DEEP, new Count(16)).toMap().size());
        Refused refused = assertThrows(Refused.class, () -> peer.call(DEEP, new Count(17)));
        assertEquals(ErrorCode.INTERNAL_ERROR, refused.code());
        assertEquals(1, peer.call(DEEP, new Count(2)).toMap().size());
    }

    /** A process id alone may have gone to another process. */
    @Test
    void takesTheLockOfTheHomeForASignOfLife() throws Exception {
        Path lock = hub.home.resolve("run/lock");
        try (Client client = Client.open(hub.home); FileChannel channel = FileChannel.open(lock,
                StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            assertFalse(client.running());
            try (FileLock held = channel.lock()) {
                assertTrue(held.isValid() && client.running());
            }
        }
    }

    @Test
    void refusesAnInvitationThatWasUsed() throws Exception {
        String invitation = hub.family.invite("admin", Duration.ofMinutes(5), List.of(), Optional.empty());
        pi.family.join(invitation, Optional.empty());
        try (TestNode third = new TestNode(folder.resolve("third"), "third")) {
            assertThrows(IOException.class, () -> third.family.join(invitation, Optional.empty()));
            assertEquals(1, third.family.state().members().size());
        }
    }

    @Test
    void closesTheConnectionOfANodeThatHasRegistered() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        hub.serve(OperationTable.of("client", 0x0250, 0x025F, Pairing.CLIENT_REGISTER).bind()
                .to(Pairing.CLIENT_REGISTER, (caller, request) -> {
                    caller.onSessionEnd(closed::countDown);
                    throw Refused.forbidden("on purpose");
                }).done());
        String invitation = hub.family.invite("admin", Duration.ofMinutes(5), List.of(), Optional.empty());
        assertThrows(Refused.class, () -> pi.family.join(invitation, Optional.empty()));
        assertTrue(closed.await(10, TimeUnit.SECONDS));
        assertTrue(hub.core.sessions().isEmpty());
    }

    @Test
    void letsTheOperatorOfItsHomeIn() throws Exception {
        try (Client client = Client.open(hub.home)) {
            assertTrue(client.running());
            Peer own = client.own();
            assertEquals("hub", own.name());
            assertEquals(Done.DONE, own.call(OWNERS, None.NONE));
            assertTrue(hub.core.peers().isEmpty(), "an operator is no peer");
        }
    }

    @Test
    void letsAPersonJoinWithoutANode() throws Exception {
        Path operator = folder.resolve("ada");
        String invitation = hub.family.invite("admin", Duration.ofMinutes(5), List.of(), Optional.empty());
        Family.State state = Client.join(operator, invitation, Optional.of("ada"));
        assertEquals("ada", state.name());
        try (Client client = Client.open(operator)) {
            assertFalse(client.running());
            assertThrows(IOException.class, client::own);
            PeerState known = client.knownPeers().getFirst();
            assertEquals("hub", known.name());
            assertFalse(known.connected());
            Client.Wish wish = new Client.Wish(Optional.of(known.id()), Tier.T4, Tier.T3);
            Peer peer = client.connect(Endpoint.parse(known.endpoints().getFirst()), wish);
            assertEquals(Tier.T4, peer.tier());
            assertEquals(Map.of("x", 1L), peer.call(ECHO, Fields.of(Map.of("x", 1L))).toMap());
            peer.close("test");
            assertThrows(IOException.class, () -> peer.call(ECHO, Fields.NONE));
            assertThrows(IOException.class, () -> client.connect(Endpoint.parse("nats://127.0.0.1:1"), wish));
            Client.Wish other = new Client.Wish(Optional.of(Bytes.wrap(new byte[16])), Tier.T5, Tier.T3);
            assertThrows(IOException.class, () -> client.connect(hub.endpoint, other));
        }
        assertThrows(IOException.class, () -> Client.join(hub.home, invitation, Optional.empty()));
    }

    @Test
    void refusesAnOperatorOfAnotherHome() throws Exception {
        join("admin");
        try (Client client = Client.open(pi.home)) {
            Peer asNode = client.connect(hub.endpoint, Client.Wish.USUAL);
            assertEquals(0x12, code(assertThrows(Refused.class, () -> asNode.call(OWNERS, None.NONE))));
        }
    }

    @Test
    void findsAPeerAgainAtItsNewAddress() throws Exception {
        Peer peer = join("admin");
        Path home = hub.home;
        hub.close();
        hub = new TestNode(home, "hub", new MemoryStore(), Endpoint.parse("127.0.0.1:0"));
        serveTest(hub);
        pi.core.heardOf(hub.core.id(), hub.endpoint);
        assertEquals(Map.of("x", 2L), peer.call(ECHO, Fields.of(Map.of("x", 2L))).toMap());
    }

    @Test
    void managesItsFamily() throws Exception {
        join("admin");
        hub.family.passphrase(Optional.empty(), Optional.of("correct horse".toCharArray()));
        assertTrue(hub.family.state().rootLocked());
        assertThrows(Refused.class, () -> hub.family.exportRoot(Optional.of("wrong".toCharArray())));
        Bytes seed = hub.family.exportRoot(Optional.of("correct horse".toCharArray()));
        hub.family.forgetRoot(Optional.of("correct horse".toCharArray()));
        assertFalse(hub.family.state().rootHere());
        hub.family.importRoot(seed);
        assertTrue(hub.family.state().rootHere());
        assertFalse(hub.family.renewalDue());
        assertThrows(Refused.class,
                () -> hub.family.invite("king", Duration.ofMinutes(5), List.of(), Optional.empty()));
        assertThrows(Refused.class,
                () -> pi.family.renewed(new Family.Enrolment(Bytes.EMPTY, Optional.empty())));
    }

    @Test
    void endsASessionWithItsTickets() throws Exception {
        Peer peer = join("admin");
        CountDownLatch ended = new CountDownLatch(1);
        peer.onEnd(ended::countDown);
        hub.core.revoke(hub.core.sessions().getFirst().uid());
        assertTrue(ended.await(10, TimeUnit.SECONDS));
        assertEquals(Map.of("x", 1L), peer.call(ECHO, Fields.of(Map.of("x", 1L))).toMap(),
                "a full handshake follows");
    }

    @Test
    void tellsWhenAPeerIsThere() throws Exception {
        BlockingQueue<Peer> seen = new LinkedBlockingQueue<>();
        try (Peer.Subscription _ = pi.core.onPeer(seen::add)) {
            Peer peer = join("admin");
            assertEquals("hub", seen.take().toString());
            assertEquals("hub", peer.toString());
            assertEquals(hub.core.id(), peer.nodeId());
            assertTrue(peer.roles().contains("hub"));
            assertEquals(16, peer.session().length());
            assertEquals("pi", pi.core.name());
            assertEquals(pi.home, pi.core.home());
            assertEquals(List.of(pi.endpoint), pi.core.listening());
            assertTrue(hub.core.isServed(ECHO.code()) && hub.core.isServed(new OpCode(1)));
            assertFalse(pi.core.isServed(ECHO.code()));
            assertEquals("core", hub.core.tables().getFirst().name());
            assertEquals(hub.core.id().toHex(), pi.core.peer(hub.core.id().toHex().substring(0, 8)).nodeId()
                    .toHex());
            peer.close("test");
        }
    }

    @Test
    void keepsAnsweringOfferedAnswersAndEvents() throws Exception {
        Operation<Count, Count> offers =
                Operation.call(0xF011, "OFFER_COUNT", "Offers", Count.class, Count.class).followed();
        CountDownLatch ended = new CountDownLatch(1);
        hub.serve(OperationTable.of("offer", 0xF010, 0xF01F, offers).bind()
                .following(offers, (caller, request, answers) -> {
                    assertTrue(answers.followed());
                    assertTrue(answers.offer(new Count(1)));
                    assertFalse(answers.offer(new Count(2)), "the caller gave credit for one");
                    assertTrue(caller.offer(TICK, new Count(3)));
                    answers.onEnd(ended::countDown);
                    ended.await();
                    assertTrue(answers.ended());
                    assertFalse(answers.send(new Count(4)));
                    return new Count(5);
                }).done());
        Peer peer = join("admin");
        BlockingQueue<Event<Count>> events = new LinkedBlockingQueue<>();
        try (Peer.Subscription _ = peer.onEvent(TICK, events::add)) {
            Followed<Count> followed = peer.follow(offers, new Count(0), 1, CallOptions.USUAL);
            assertEquals(3, events.take().value().n());
            followed.close();
        }
        assertTrue(ended.await(10, TimeUnit.SECONDS));
    }

    @Test
    void invitesWithTheMachinesOwnAddresses() throws Exception {
        try (TestNode everywhere = new TestNode(folder.resolve("everywhere"), "everywhere", new MemoryStore(),
                Endpoint.parse("0.0.0.0:0"))) {
            String text = everywhere.family.invite("member", Duration.ofMinutes(5), List.of(),
                    Optional.empty());
            List<Endpoint> endpoints = Invitation.parse(text).endpoints();
            assertFalse(endpoints.isEmpty());
            assertTrue(endpoints.stream().noneMatch(each -> NodeCore.wildcard(each.host())));
        }
    }

    @Test
    void remembersItsPeersAndCallsThemAfterARestart() throws Exception {
        MemoryStore store = new MemoryStore();
        Path home = folder.resolve("desk");
        try (TestNode desk = new TestNode(home, "desk", store, Endpoint.parse("127.0.0.1:0"))) {
            desk.family.join(hub.family.invite("admin", Duration.ofMinutes(5), List.of(), Optional.empty()),
                    Optional.empty());
            assertEquals(Map.of(), desk.core.peer("hub").call(ECHO, Fields.NONE).toMap());
        }
        store.put(NodeCore.PEERS, "damaged", Bytes.wrap((byte) 0xC1));
        try (TestNode desk = new TestNode(home, "desk", store, Endpoint.parse("127.0.0.1:0"))) {
            assertEquals(List.of("hub"), desk.core.peers().stream().map(PeerState::name).toList());
            assertEquals(Map.of(), desk.core.peer("hub").call(ECHO, Fields.NONE).toMap());
        }
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }

    private void openAndClose(Client client, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            Peer peer = client.connect(hub.endpoint, Client.Wish.USUAL);
            peer.call(ECHO, Fields.NONE);
            CountDownLatch ended = new CountDownLatch(1);
            peer.onEnd(ended::countDown);
            peer.close("test");
            ended.await();
        }
    }

    @Test
    void leavesNothingBehindOfManySessions() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "counts descriptors through /proc");
        Path operator = folder.resolve("ada");
        Client.join(operator, hub.family.invite("admin", Duration.ofMinutes(5), List.of(), Optional.empty()),
                Optional.of("ada"));
        try (Client client = Client.open(operator)) {
            openAndClose(client, 20);
            long descriptors = descriptors();
            int threads = Thread.activeCount();
            openAndClose(client, 500);
            assertTrue(descriptors() <= descriptors + 10, () -> "descriptors grew from " + descriptors);
            assertTrue(Thread.activeCount() <= threads + 2, () -> "threads grew from " + threads);
        }
    }

    @Test
    void saysWhichPeerIsUnknown() {
        Refused refused = assertThrows(Refused.class, () -> pi.core.peer("nobody"));
        assertEquals(ErrorCode.NOT_FOUND, refused.code());
        assertTrue(refused.getMessage().contains("nobody"));
        assertThrows(Refused.class, () -> pi.core.close(Bytes.wrap(new byte[16]), "none"));
        assertNull(refused.requiredTier());
    }
}
