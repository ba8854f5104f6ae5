package org.myclerk.op.device.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceEvent;
import org.myclerk.api.device.DeviceEvent.Kind;
import org.myclerk.api.device.DeviceInfo;
import org.myclerk.api.device.DeviceSink;
import org.myclerk.api.device.DeviceSource;
import org.myclerk.api.device.DeviceView;
import org.myclerk.api.operation.Answers;
import org.myclerk.api.operation.Bindings.Binding;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.None;
import org.myclerk.devices.DeviceRegistry;
import org.myclerk.op.device.DeviceConfiguration;
import org.myclerk.op.device.DeviceList;
import org.myclerk.op.device.DeviceLock;
import org.myclerk.op.device.DeviceNews;
import org.myclerk.op.device.DeviceOperations;
import org.myclerk.op.device.DevicePage;
import org.myclerk.op.device.DeviceRef;
import org.myclerk.op.device.Subscription;
import org.myclerk.testing.TestAnswers;
import org.myclerk.testing.TestCaller;

@Timeout(60)
class DeviceHandlerTest {

    /** Devices that the test plugs and pulls. */
    private static final class Bench implements DeviceSource {

        private DeviceSink sink;

        @Override
        public void start(DeviceSink to) {
            sink = to;
        }

        @Override
        public void stop() {
            // The test pulls what it wants to.
        }

        void plug(String id) {
            Fields properties = Fields.of(Map.of("watts", 5L));
            sink.appeared(new Device(new DeviceInfo(id, "lamp", id, "bench", properties, true), this));
        }
    }

    private final DeviceRegistry registry = new DeviceRegistry(Duration.ofSeconds(30));
    private final DeviceHandler handler = new DeviceHandler(registry);
    private final TestCaller ada = new TestCaller("ada", 1, Set.of("admin"));
    private final TestCaller bob = new TestCaller("bob", 2);
    private final Bench bench = new Bench();

    @BeforeEach
    void plug() {
        registry.addSource(bench);
        bench.plug("lamp");
    }

    @AfterEach
    void stop() {
        handler.stop();
        registry.stop();
    }

    private <Q, A> A call(Caller caller, Operation<Q, A> row, Q request)
            throws Refused, InterruptedException {
        return call(caller, row, request, TestAnswers.single());
    }

    @SuppressWarnings("unchecked")
    private <Q, A> A call(Caller caller, Operation<Q, A> row, Q request, Answers<A> answers)
            throws Refused, InterruptedException {
        return ((Binding<Q, A>) handler.bindings().binding(row.code())).method()
                .answer(caller, request, answers);
    }

    private CompletableFuture<DeviceNews> subscribe(TestAnswers<DeviceNews> answers) {
        CompletableFuture<DeviceNews> result = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                result.complete(call(bob, DeviceOperations.DEVICE_SUBSCRIBE, None.NONE, answers));
            } catch (Refused | InterruptedException e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    private static List<String> told(DeviceNews news) {
        return news.events().stream().map(event -> event.kind() + " " + event.device().device()).toList();
    }

    private static ErrorCode code(org.junit.jupiter.api.function.Executable call) {
        return assertThrows(Refused.class, call).code();
    }

    @Test
    void listsInPages() throws Exception {
        for (int i = 0; i < 250; i++) {
            bench.plug("unit-%03d".formatted(i));
        }
        List<String> all = new ArrayList<>();
        Optional<String> after = Optional.empty();
        int pages = 0;
        do {
            DeviceList page = call(ada, DeviceOperations.DEVICE_DISCOVER,
                    new DevicePage(after, Optional.empty(), Optional.empty()));
            all.addAll(page.devices().stream().map(DeviceView::device).toList());
            after = page.next();
            pages++;
        } while (after.isPresent());
        assertEquals(3, pages);
        assertEquals(251, all.size());
        assertEquals(all.stream().sorted().distinct().toList(), all);
        DeviceList full = call(ada, DeviceOperations.DEVICE_LIST,
                new DevicePage(Optional.empty(), Optional.of(251), Optional.empty()));
        assertEquals(Optional.empty(), full.next(), "a page that is just full has no next one");
    }

    @Test
    void tellsWhatADeviceIs() throws Exception {
        assertEquals("bench", call(bob, DeviceOperations.DEVICE_INFO, new DeviceRef("lamp")).at());
        assertEquals(Map.of("watts", 5L), call(bob, DeviceOperations.DEVICE_CAPABILITIES,
                new DeviceRef("lamp"))
                .properties().toMap());
        assertEquals(ErrorCode.NOT_FOUND,
                code(() -> call(bob, DeviceOperations.DEVICE_INFO, new DeviceRef("lump"))));
    }

    @Test
    void locksUnlocksAndConfigures() throws Exception {
        DeviceLock lock = new DeviceLock("lamp", Optional.of(60), Optional.empty());
        assertEquals(DeviceView.State.LOCKED, call(bob, DeviceOperations.DEVICE_LOCK, lock).state());
        assertEquals(ErrorCode.FORBIDDEN, code(() -> call(ada, DeviceOperations.DEVICE_LOCK, lock)));
        assertEquals(Optional.of("ada"), call(ada, DeviceOperations.DEVICE_LOCK, new DeviceLock("lamp",
                Optional.empty(), Optional.of(true))).holder());
        assertEquals(DeviceView.State.FREE, call(ada, DeviceOperations.DEVICE_UNLOCK, new DeviceRef("lamp"))
                .state());
        assertEquals("Desk lamp", call(ada, DeviceOperations.DEVICE_CONFIGURE, new DeviceConfiguration("lamp",
                Optional.of("Desk lamp"), Optional.of("study"), Optional.empty())).name());
        DeviceConfiguration wrong = new DeviceConfiguration("lamp", Optional.empty(), Optional.empty(),
                Optional.of(Fields.of(Map.of("level", 1L))));
        assertEquals(ErrorCode.BAD_REQUEST, code(() -> call(ada, DeviceOperations.DEVICE_CONFIGURE, wrong)));
        assertThrows(IllegalArgumentException.class, () -> new DeviceConfiguration("lamp",
                Optional.of("\u001b[2J"), Optional.empty(), Optional.empty()));
    }

    @Test
    void followsWhatHappens() throws Exception {
        TestAnswers<DeviceNews> answers = TestAnswers.followed(100);
        CompletableFuture<DeviceNews> call = subscribe(answers);
        DeviceNews first = answers.next();
        assertEquals(List.of("PRESENT lamp"), told(first));
        assertTrue(first.live());
        bench.plug("horn");
        assertEquals(List.of("APPEARED horn"), told(answers.next()));
        bench.sink.vanished("lamp");
        assertEquals(List.of("VANISHED lamp"), told(answers.next()));

        Subscription subscription = new Subscription(first.subscription());
        assertEquals(ErrorCode.NOT_FOUND,
                code(() -> call(ada, DeviceOperations.DEVICE_UNSUBSCRIBE, subscription)),
                "it is another session's");
        assertEquals(Done.DONE, call(bob, DeviceOperations.DEVICE_UNSUBSCRIBE, subscription));
        assertEquals(List.of(), call.get(20, TimeUnit.SECONDS).events());
        assertEquals(ErrorCode.NOT_FOUND,
                code(() -> call(bob, DeviceOperations.DEVICE_UNSUBSCRIBE, subscription)));
    }

    @Test
    void endsWhenTheCallerDoes() throws Exception {
        TestAnswers<DeviceNews> answers = TestAnswers.followed(100);
        CompletableFuture<DeviceNews> call = subscribe(answers);
        answers.next();
        answers.end();
        assertEquals(List.of(), call.get(20, TimeUnit.SECONDS).events());
    }

    @Test
    void beginsWithALongListInParts() throws Exception {
        for (int i = 0; i < 249; i++) {
            bench.plug("unit-%03d".formatted(i));
        }
        TestAnswers<DeviceNews> answers = TestAnswers.followed(100);
        subscribe(answers);
        List<DeviceEvent> events = new ArrayList<>();
        DeviceNews news;
        do {
            news = answers.next();
            events.addAll(news.events());
        } while (!news.live());
        assertEquals(250, events.size());
        assertTrue(events.stream().allMatch(event -> event.kind() == Kind.PRESENT));
    }

    @Test
    void tellsACallerThatTakesNothingToBeginAnew() throws Exception {
        TestAnswers<DeviceNews> answers = TestAnswers.followed(1);
        CompletableFuture<DeviceNews> call = subscribe(answers);
        answers.next();
        CountDownLatch all = new CountDownLatch(2 * News.MOST);
        registry.follow(ada, _ -> all.countDown());
        for (int i = 0; i < 2 * News.MOST; i++) {
            bench.plug("unit-%05d".formatted(i));
        }
        assertTrue(all.await(20, TimeUnit.SECONDS));
        answers.credit(1_000);
        ExecutionException failed = assertThrows(ExecutionException.class,
                () -> call.get(20, TimeUnit.SECONDS));
        assertEquals(ErrorCode.SERVICE_UNAVAILABLE, ((Refused) failed.getCause()).code());
    }

    @Test
    void refusesASubscriptionThatIsNotFollowed() {
        assertEquals(ErrorCode.BAD_REQUEST,
                code(() -> call(bob, DeviceOperations.DEVICE_SUBSCRIBE, None.NONE)));
    }
}
