package org.myclerk.bench;

import static org.myclerk.api.operation.Operation.call;
import static org.myclerk.api.operation.Operation.oneWay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

import org.myclerk.api.client.Client;
import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Rights.Change;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.node.Roles;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.None;
import org.myclerk.api.payload.Range;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.core.node.PlainNode;

/**
 * This project: a real node, and its client library. Each request is decoded into a record, authorised,
 * answered by a handler, and its answer decoded.
 */
public final class MyClerk implements Contender {

    /** A request like GPIO_LINE_SET with two more fields: 64 bytes with its reserved key. */
    public record LineSet(@Device String chip, @Range(max = 1023) int line, boolean value, String edge,
            long since) {
    }

    /** Its answer: 64 bytes with its reserved keys if the value has 38. */
    public record LineValue(Bytes value) {
    }

    /** Bulk data. */
    public record Chunk(Bytes data) {
    }

    public static final Operation<LineSet, LineValue> LINE_SET =
            call(0xF100, "BENCH_LINE_SET", "Set a line on the loop", LineSet.class, LineValue.class)
            .floor(Tier.T2)
                    .writes().inline();
    static final Operation<LineSet, LineValue> LINE_SET_BLOCKING =
            call(0xF101, "BENCH_LINE_SET_BLOCKING", "Set a line on a thread of its own", LineSet.class,
                    LineValue.class).floor(Tier.T2).writes();
    static final Operation<Chunk, None> CHUNK =
            oneWay(0xF102, "BENCH_CHUNK", "Throw bytes away", Chunk.class).inline();
    static final OperationTable TABLE =
            OperationTable.of("bench", 0xF100, 0xF10F, LINE_SET, LINE_SET_BLOCKING, CHUNK);

    /** A time whose lower 16 bits say how long the answer's value is to be. */
    public static final long SINCE = 0x6900_0000L;

    private static final int ANSWER_OVERHEAD = 26;
    private static final String CHIP = "gpiochip12";

    /** Who asks is a member, and may set lines because of this. */
    public static final Grant SHARED = new Grant(CHIP, Subject.role(Roles.MEMBER), AccessMode.READ_WRITE);

    @Override
    public Server serve(Path folder) throws IOException, Refused {
        PlainNode node = new PlainNode(folder.resolve("node"));
        node.serve(bindings());
        node.rights().change("bench", List.of(new Change.Give(SHARED)));
        for (int i = 1; i < Integer.getInteger("bench.handlers", 1); i++) {
            node.serve(filler(i));
        }
        String invitation = node.invite(Roles.MEMBER);
        return new Server() {
            @Override
            public Map<String, String> address() {
                return Map.of("endpoint", node.endpoint().toString(), "invitation", invitation);
            }

            @Override
            public void close() {
                node.close();
            }
        };
    }

    /** What serves the operations. */
    public static Bindings bindings() {
        boolean[] lines = new boolean[1024];
        Bytes[] values = new Bytes[1 << 16];
        return TABLE.bind()
                .to(LINE_SET, (caller, request) -> set(lines, values, request))
                .to(LINE_SET_BLOCKING, (caller, request) -> set(lines, values, request))
                .to(CHUNK, (caller, chunk) -> None.NONE).done();
    }

    /** A handler that nobody asks, with a table of its own. */
    private static Bindings filler(int number) {
        int first = 0xF200 + 16 * number;
        Operation<None, None> row = call(first, "BENCH_FILLER", "Nothing", None.class, None.class).inline();
        return OperationTable.of("filler" + number, first, first + 15, row).bind()
                .to(row, (caller, none) -> none).done();
    }

    private static LineValue set(boolean[] lines, Bytes[] values, LineSet request) {
        lines[request.line()] = request.value();
        int size = (int) request.since() & 0xFFFF;
        Bytes value = values[size];
        if (value == null) {
            value = Bytes.wrap(new byte[size]);
            values[size] = value;
        }
        return new LineValue(value);
    }

    @Override
    public Load load(Path folder, Map<String, String> address) throws Exception {
        Path home = folder.resolve("client-" + ProcessHandle.current().pid());
        Files.createDirectories(folder);
        Client.join(home, address.get("invitation"), Optional.of("load"));
        return new Asking(Client.open(home), Endpoint.parse(address.get("endpoint")),
                Tier.valueOf(System.getProperty("bench.tier", "T3")),
                Boolean.getBoolean("bench.blocking") ? LINE_SET_BLOCKING : LINE_SET);
    }

    private static final class Asking implements Load {

        private final Client client;
        private final Endpoint endpoint;
        private final Operation<LineSet, LineValue> operation;
        private final CallOptions options;
        private final List<Peer> peers = new ArrayList<>();

        Asking(Client client, Endpoint endpoint, Tier tier, Operation<LineSet, LineValue> operation) {
            this.client = client;
            this.endpoint = endpoint;
            this.operation = operation;
            this.options = new CallOptions(tier, Duration.ofSeconds(30));
        }

        private Peer open() throws IOException, InterruptedException {
            return client.connect(endpoint, Client.Wish.USUAL);
        }

        @Override
        public void connect(int connections) throws Exception {
            closePeers();
            for (int i = 0; i < connections; i++) {
                peers.add(open());
            }
        }

        @Override
        public void start(List<Flow> flows, int depth, int size) {
            for (int i = 0; i < peers.size(); i++) {
                new Asker(peers.get(i), flows.get(i), depth, Math.max(0, size - ANSWER_OVERHEAD)).ask();
            }
        }

        /** Asks once more for each answer; the first one is followed by as many as shall be under way. */
        private final class Asker implements BiConsumer<LineValue, Exception> {

            private final Peer peer;
            private final Flow flow;
            private final int size;
            private int line;
            private int next;

            Asker(Peer peer, Flow flow, int depth, int size) {
                this.peer = peer;
                this.flow = flow;
                this.next = depth;
                this.size = size;
            }

            void ask() {
                flow.asks();
                line = line + 1 & 511;
                peer.call(operation, new LineSet(CHIP, 256 + line, (line & 1) == 0, "rising", SINCE + size),
                        options, this);
            }

            @Override
            public void accept(LineValue answer, Exception failed) {
                if (failed != null || answer.value().length() != size) {
                    Worker.fail(failed == null ? new IOException("a wrong answer") : failed);
                }
                if (flow.answered()) {
                    int asks = next;
                    next = 1;
                    for (int i = 0; i < asks; i++) {
                        ask();
                    }
                }
            }
        }

        @Override
        public void stream(List<Flow> flows, int size) throws Exception {
            connect(flows.size());
            Chunk chunk = new Chunk(Bytes.wrap(new byte[size]));
            for (int i = 0; i < flows.size(); i++) {
                Peer peer = peers.get(i);
                Flow flow = flows.get(i);
                Thread.ofPlatform().daemon().name("stream").start(() -> {
                    try {
                        while (flow.goesOn()) {
                            flow.asks();
                            peer.send(CHUNK, chunk, options);
                            flow.answered();
                        }
                    } catch (IOException | InterruptedException failed) {
                        Worker.fail(failed);
                    }
                });
            }
        }

        @Override
        public void shake(boolean resumed) throws Exception {
            Peer peer = resumed
                    ? client.connect(endpoint, new Client.Wish(Optional.of(peers.getFirst().nodeId()),
                    Tier.T5, Tier.T3)) : open();
            peer.close("done");
        }

        private void closePeers() {
            peers.forEach(peer -> peer.close("done"));
            peers.clear();
        }

        @Override
        public void close() {
            closePeers();
            client.close();
        }
    }
}
