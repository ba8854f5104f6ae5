package org.myclerk.bench.jmh;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

import org.myclerk.api.client.Client;
import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.bench.MyClerk;
import org.myclerk.bench.MyClerk.LineSet;
import org.myclerk.bench.MyClerk.LineValue;
import org.myclerk.core.node.PlainNode;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A request from its record to its answer's record, both ends on one thread and no socket between: codecs,
 * frames, dispatch, guard and handler, at tier 3.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SessionBenchmark {

    private static final int REQUESTS = 16_384;

    /** How many requests are under way at once. */
    @Param({"1", "16"})
    public int depth;

    private final MemoryTransport transport = new MemoryTransport();
    private PlainNode node;
    private Client client;
    private Peer peer;

    @Setup(Level.Trial)
    public void setUp() throws Exception {
        Path folder = Files.createTempDirectory("myclerk-jmh");
        try (PlainNode listening = new PlainNode(folder.resolve("node"))) {
            Client.join(folder.resolve("client"), listening.invite("admin"), Optional.of("load"));
        }
        Endpoint here = new Endpoint("memory", "here", 1);
        node = new PlainNode(folder.resolve("node"), transport, here);
        node.serve(MyClerk.bindings());
        client = Client.open(folder.resolve("client"));
        peer = client.connect(transport, here, Client.Wish.USUAL);
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        client.close();
        node.close();
        transport.close();
    }

    /** The thread that works. */
    public Thread loop() {
        return transport.loop();
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public void call() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        new Asker(done).accept(null, null);
        done.await();
    }

    private final class Asker implements BiConsumer<LineValue, Exception> {

        private static final CallOptions TIER_3 = new CallOptions(Tier.T3, Duration.ofSeconds(30));

        private final CountDownLatch done;
        private int asked;
        private int answered;

        Asker(CountDownLatch done) {
            this.done = done;
        }

        @Override
        public void accept(LineValue answer, Exception failed) {
            if (failed != null) {
                throw new IllegalStateException(failed);
            }
            if (answered++ == REQUESTS) {
                done.countDown();
            }
            for (int more = answered == 2 ? depth : 1; more > 0 && asked < REQUESTS; more--) {
                int line = 256 + (asked++ & 511);
                peer.call(MyClerk.LINE_SET, new LineSet("gpiochip12", line, (line & 1) == 0, "rising",
                        MyClerk.SINCE + 38), TIER_3, this);
            }
        }
    }
}
