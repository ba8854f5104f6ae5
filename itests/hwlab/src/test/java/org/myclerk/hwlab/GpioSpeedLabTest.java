package org.myclerk.hwlab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.op.gpio.GpioOperations.GPIO_CHIP_LIST;
import static org.myclerk.op.gpio.GpioOperations.GPIO_EVENT;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_REQUEST;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_SET;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_WATCH;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.None;
import org.myclerk.backend.linux.gpio.LinuxGpio;
import org.myclerk.device.gpio.GpioChip;
import org.myclerk.device.gpio.GpioLines;
import org.myclerk.device.gpio.GpioRequest;
import org.myclerk.device.gpio.GpioSettings;
import org.myclerk.op.gpio.Direction;
import org.myclerk.op.gpio.Edge;
import org.myclerk.op.gpio.GpioEvent;
import org.myclerk.op.gpio.LineRequest;
import org.myclerk.op.gpio.LineSet;
import org.myclerk.op.gpio.LineWatch;

/**
 * How fast lines are set, and how many edges come through without loss. {@code -Dmyclerk.lab.seconds}: how
 * long.
 */
@InLaboratory
final class GpioSpeedLabTest {

    private static final GpioSettings OUTPUT = new GpioSettings(GpioSettings.Direction.OUTPUT, false,
            GpioSettings.Bias.AS_IS, GpioSettings.Drive.PUSH_PULL, GpioSettings.Edge.NONE,
            GpioSettings.Clock.MONOTONIC, 0);
    private static final CallOptions AT_TIER_3 = new CallOptions(Tier.T3, Duration.ofSeconds(30));
    private static final int ROUNDS = 200;
    private static final int TURNS = 30;
    /** So many turns without a faster one, and the warm-up is over. */
    private static final int SETTLED = 80;
    private static final int LONGEST_WARM_UP = 300;
    /** A little more than the promise of 2,000. */
    private static final int EDGES_PER_SECOND = 2_200;
    private static final int LINES = 40;
    private static final Duration TICK = Duration.ofMillis(1);
    private static final long ROUND_NANOS = 1_000_000_000L * LINES / EDGES_PER_SECOND;

    private Peer node;
    private Lab.Chip chip;

    @BeforeEach
    void plugIn() throws Exception {
        node = LabNode.shared().peer();
        chip = Lab.chip("speed", LINES);
        Lab.until("the node sees the chip", () -> sees(chip.name()));
    }

    private boolean sees(String id) {
        try {
            return node.call(GPIO_CHIP_LIST, None.NONE).chips().stream().anyMatch(it -> it.chip().equals(id));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void unplug() {
        chip.close();
        Lab.until("the node misses the chip", () -> !sees(chip.name()));
    }

    /** What is told of edges of all the lines, up to the number wanted. */
    private static final class Told {

        private final long wanted;
        private final CountDownLatch all = new CountDownLatch(1);
        private final long[] ofLine = new long[LINES];
        private volatile long told;
        private volatile long lost;
        private volatile long disorder;
        private long latest;

        Told(long wanted) {
            this.wanted = wanted;
        }

        /** On one thread at a time. */
        void event(GpioEvent edge) {
            lost += edge.lost().orElse(0L);
            told++;
            long numberOfLine = ++ofLine[edge.line()];
            if (edge.sequence() != told + lost || edge.lineSequence() != numberOfLine
                    || edge.edge() != (numberOfLine % 2 == 1 ? Edge.RISING : Edge.FALLING)
                    || edge.timestampNanos() < latest) {
                disorder++;
            }
            latest = edge.timestampNanos();
            if (told + lost == wanted) {
                all.countDown();
            }
        }

        /** Waits until all are told or counted as lost. */
        void await() throws InterruptedException {
            assertTrue(all.await(120, TimeUnit.SECONDS), () ->
                    "of %d edges %d are told and %d lost".formatted(wanted, told, lost));
        }
    }

    private void watchAll() throws Exception {
        List<Integer> lines = IntStream.range(0, LINES).boxed().toList();
        node.call(GPIO_LINE_WATCH, new LineWatch(chip.name(), lines, Optional.empty(), Optional.empty()));
    }

    /**
     * A simulated line tells an edge at the kernel's next tick, and of several before it only one. So many
     * lines move together, and move again when the kernel has counted an interrupt of each.
     */
    @Test
    void losesNoEdgeAndKeepsTheirOrder() throws Exception {
        int rounds = Integer.getInteger("myclerk.lab.seconds", 5) * EDGES_PER_SECOND / LINES;
        Told edges = new Told((long) rounds * LINES);
        try (var _ = node.onEvent(GPIO_EVENT, event -> edges.event(event.value()))) {
            watchAll();
            double rate = pull(rounds);
            edges.await();
            System.out.printf("GPIO: %d edges at %.0f/s, %d lost, %d out of order%n", edges.told, rate,
                    edges.lost, edges.disorder);
            assertEquals(0, edges.lost);
            assertEquals(0, edges.disorder);
        }
    }

    /** The kernel keeps 1,024 edges for who is slow: a node that stands still is. */
    @Test
    void countsTheEdgesThatTheKernelDropped() throws Exception {
        int rounds = 1_200 / LINES;
        Told edges = new Told((rounds + 1L) * LINES);
        try (var _ = node.onEvent(GPIO_EVENT, event -> edges.event(event.value()))) {
            watchAll();
            LabNode.shared().standStill();
            try {
                pull(rounds);
            } finally {
                LabNode.shared().goOn();
            }
            pull(1);
            edges.await();
            assertTrue(edges.lost > 0, "the test wants more than the kernel keeps");
        }
    }

    /** Pulls the lines from outside, all in every round, and gives how many edges a second that were. */
    private double pull(int rounds) throws Exception {
        ByteBuffer up = ByteBuffer.wrap("pull-up".getBytes());
        ByteBuffer down = ByteBuffer.wrap("pull-down".getBytes());
        List<FileChannel> pulls = new ArrayList<>();
        for (int line = 0; line < LINES; line++) {
            pulls.add(FileChannel.open(chip.pull(line), StandardOpenOption.WRITE));
        }
        long before = interrupts();
        long start = System.nanoTime();
        for (int round = 1; round <= rounds; round++) {
            for (FileChannel pull : pulls) {
                pull.write((round % 2 == 1 ? up : down).rewind(), 0);
            }
            LockSupport.parkNanos(start + round * ROUND_NANOS - System.nanoTime());
            long due = before + (long) round * LINES;
            Lab.until("the kernel counts an interrupt of each line", TICK, () -> interrupts() >= due);
        }
        double rate = (double) rounds * LINES * 1e9 / (System.nanoTime() - start);
        for (FileChannel pull : pulls) {
            pull.close();
        }
        return rate;
    }

    /** How many interrupts of simulated lines the kernel has had. */
    private static long interrupts() {
        return Lab.read(Path.of("/proc/interrupts")).lines().map(line -> line.strip().split("\\s+"))
                .filter(words -> words.length > 2 && words[2].equals("irq_sim"))
                .mapToLong(words -> Long.parseLong(words[1])).sum();
    }

    /**
     * What is measured: it goes as many rounds in a row as there are times, and notes the nanoseconds of
     * each.
     */
    private interface Contender {

        void run(long[] times) throws Exception;
    }

    private interface Round {

        void run(int number) throws Exception;
    }

    private static Contender each(Round round) {
        return times -> {
            for (int i = 0; i < times.length; i++) {
                long start = System.nanoTime();
                round.run(i);
                times[i] = System.nanoTime() - start;
            }
        };
    }

    /**
     * The promise is a round trip of at most twice the echo and the local call together. A program with a
     * loop sends what comes next when an answer has come, and so do this one and the echo's; beside it one
     * whose thread waits for every answer.
     */
    @Test
    void measuresASetBesideAnEchoAndTheLocalCall() throws Exception {
        node.call(GPIO_LINE_REQUEST, new LineRequest(chip.name(), List.of(1), Optional.of(Direction.OUTPUT),
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty()));
        List<LineSet> sets = List.of(new LineSet(chip.name(), List.of(1), List.of(true)),
                new LineSet(chip.name(), List.of(1), List.of(false)));
        double[] medians;
        try (EchoClient echo = new EchoClient(); GpioLines line = Lab.driver(new LinuxGpio(), chip.name(),
                GpioChip.class)
                .request(new GpioRequest(List.of(2), OUTPUT, 0, "local"))) {
            medians = medians(times -> ask(sets, times),
                    each(i -> node.call(GPIO_LINE_SET, sets.get(i % 2), AT_TIER_3)),
                    each(_ -> echo.call()), each(i -> line.set(1, i % 2)));
        }
        double asking = medians[0];
        double waiting = medians[1];
        double both = medians[2] + medians[3];
        System.out.printf(
                "GPIO set at tier 3: %.1f us, by a thread that waits %.1f us; NIO echo of 64 bytes: %.1f us; "
                + "local ioctl: %.1f us; ratio to both together %.2f and %.2f%n", asking, waiting, medians[2],
                medians[3], asking / both, waiting / both);
        assertEquals("0", chip.level(1), "the last round set it so");
    }

    /**
     * In microseconds; measured when the first contender gets no faster, because all that it runs is
     * compiled.
     */
    private static double[] medians(Contender... contenders) throws Exception {
        double fastest = Double.MAX_VALUE;
        int same = 0;
        for (int turn = 0; same < SETTLED && turn < LONGEST_WARM_UP; turn++, same++) {
            double now = median(turn(contenders)[0]);
            if (now < fastest) {
                fastest = now;
                same = 0;
            }
        }
        long[][] all = new long[contenders.length][TURNS * ROUNDS];
        for (int turn = 0; turn < TURNS; turn++) {
            long[][] times = turn(contenders);
            for (int i = 0; i < times.length; i++) {
                System.arraycopy(times[i], 0, all[i], turn * ROUNDS, ROUNDS);
            }
        }
        return Arrays.stream(all).mapToDouble(GpioSpeedLabTest::median).toArray();
    }

    private static long[][] turn(Contender... contenders) throws Exception {
        long[][] times = new long[contenders.length][ROUNDS];
        for (int i = 0; i < contenders.length; i++) {
            contenders[i].run(times[i]);
        }
        return times;
    }

    private static double median(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2] / 1e3;
    }

    /** Sets a line again whenever the answer of the time before has come. */
    private void ask(List<LineSet> sets, long[] times) throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        ask(sets, times, 0, done);
        done.get(120, TimeUnit.SECONDS);
    }

    private void ask(List<LineSet> sets, long[] times, int number, CompletableFuture<Void> done) {
        if (number == times.length) {
            done.complete(null);
            return;
        }
        long start = System.nanoTime();
        node.call(GPIO_LINE_SET, sets.get(number % 2), AT_TIER_3, (answer, failed) -> {
            times[number] = System.nanoTime() - start;
            if (answer == null) {
                done.completeExceptionally(failed);
            } else {
                ask(sets, times, number + 1, done);
            }
        });
    }

    /** One end of the echo; a process of its own is the other. Both have a selector. */
    private static final class EchoClient implements AutoCloseable {

        private final Program server = Program.start(System.getProperty("java.home") + "/bin/java", "-cp",
                System.getProperty("java.class.path"), Echo.class.getName());
        private final Selector selector = Selector.open();
        private final SocketChannel channel =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(),
                Integer.parseInt(server.awaitSaying("\n").said().strip())));
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(64);

        EchoClient() throws IOException, InterruptedException {
            ready(channel, selector);
        }

        void call() throws IOException {
            buffer.clear();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            buffer.clear();
            while (buffer.hasRemaining()) {
                selector.select(_ -> { });
                channel.read(buffer);
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
            selector.close();
            server.close();
        }
    }

    private static void ready(SocketChannel channel, Selector selector) throws IOException {
        channel.configureBlocking(false);
        channel.socket().setTcpNoDelay(true);
        channel.register(selector, SelectionKey.OP_READ);
    }

    /** The other end of the echo. */
    static final class Echo {

        private Echo() {
        }

        public static void main(String[] arguments) throws Exception {
            try (ServerSocketChannel server = ServerSocketChannel.open()) {
                server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                System.out.println(server.socket().getLocalPort());
                try (SocketChannel channel = server.accept(); Selector selector = Selector.open()) {
                    ready(channel, selector);
                    ByteBuffer buffer = ByteBuffer.allocateDirect(64);
                    while (channel.read(buffer) >= 0) {
                        buffer.flip();
                        while (buffer.hasRemaining()) {
                            channel.write(buffer);
                        }
                        buffer.clear();
                        selector.select(_ -> { });
                    }
                }
            }
        }
    }
}
