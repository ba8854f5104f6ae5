package org.myclerk.itests.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

import org.myclerk.api.client.Client;
import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Fields;
import org.myclerk.vendor.conformance.ConformanceOperations;

/**
 * Calls a node without a pause from many threads and keeps count of what went wrong; see {@code Isolated}.
 */
final class Load {

    private final Client client;
    private volatile Peer peer;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean done = new AtomicBoolean();
    private final LongAdder calls = new LongAdder();
    private final AtomicLong slowest = new AtomicLong();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();

    /** @param home of the node, which is called as its operator */
    Load(Path home, int callers) throws IOException, InterruptedException {
        client = Client.open(home);
        peer = client.own();
        for (int i = 0; i < callers; i++) {
            int number = i;
            threads.add(Thread.ofVirtual().start(() -> run(number)));
        }
    }

    /** Speaks to another node from now on, as the node of the home. */
    void reach(String endpoint) throws IOException, InterruptedException {
        peer = client.connect(Endpoint.parse(endpoint), Client.Wish.USUAL);
    }

    private void run(int number) {
        for (long i = 0; !done.get(); i++) {
            Fields sent = Fields.of(Map.of("caller", (long) number, "call", i));
            long begin = System.nanoTime();
            try {
                Fields answer = peer.call(ConformanceOperations.CONFORMANCE_ECHO, sent);
                if (!answer.equals(sent)) {
                    failures.add("another's answer: %s for %s".formatted(answer, sent));
                }
            } catch (Refused | IOException | InterruptedException | RuntimeException failed) {
                failures.add("%s: %s".formatted(failed.getClass().getSimpleName(), failed.getMessage()));
            }
            slowest.accumulateAndGet(System.nanoTime() - begin, Math::max);
            calls.increment();
        }
    }

    /** {@code calls}, {@code failures}, and {@code slowest} in milliseconds since the last time. */
    Map<String, Object> counts() {
        Map<String, Object> counts = new HashMap<>();
        counts.put("calls", calls.sum());
        counts.put("failures", List.copyOf(failures));
        counts.put("slowest", TimeUnit.NANOSECONDS.toMillis(slowest.getAndSet(0)));
        return counts;
    }

    /** Status code of one call without payload. */
    int status(int code) throws IOException, InterruptedException {
        try {
            peer.call(Operation.unknown(new OpCode(code)), Fields.of(Map.of()));
            return 0;
        } catch (Refused refused) {
            return refused.code().value();
        }
    }

    /** The answer to a call without payload. */
    Map<String, Object> ask(int code) throws IOException, InterruptedException, Refused {
        return ask(code, Map.of());
    }

    /** The answer to a call. */
    Map<String, Object> ask(int code, Map<String, Object> payload)
            throws IOException, InterruptedException, Refused {
        return peer.call(Operation.unknown(new OpCode(code)), Fields.of(payload)).toMap();
    }

    /** Waits until so many more calls have been answered. */
    void await(long more) throws InterruptedException {
        long wanted = calls.sum() + more;
        while (calls.sum() < wanted) {
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }

    void close() throws InterruptedException {
        done.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        client.close();
    }
}
