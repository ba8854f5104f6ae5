package org.myclerk.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import javax.management.JMException;
import javax.management.ObjectName;

/**
 * One of the two processes of a measurement: reads commands, one a line, and answers each with one line that
 * begins with {@code >}.
 */
final class Worker {

    private static final long TICK_NANOS = 10_000_000;
    private static final long REST_MILLIS = 10_000;

    private Worker() {
    }

    /** {@code server|client CONTENDER FOLDER [KEY=VALUE…]}. */
    public static void main(String[] arguments) throws Exception {
        Contender contender = Contender.named(arguments[1]);
        Path folder = Path.of(arguments[2]);
        if (arguments[0].equals("server")) {
            serve(contender.serve(folder));
        } else {
            Map<String, String> address = new TreeMap<>();
            for (int i = 3; i < arguments.length; i++) {
                String[] pair = arguments[i].split("=", 2);
                address.put(pair[0], pair[1]);
            }
            try (Contender.Load load = contender.load(folder, address)) {
                new Client(load, address).obey();
            }
        }
        System.exit(0);
    }

    /** Something went wrong that makes every number worthless. */
    static void fail(Exception cause) {
        cause.printStackTrace();
        Runtime.getRuntime().halt(2);
    }

    private static void say(String format, Object... values) {
        System.out.println("> " + format.formatted(values));
        System.out.flush();
    }

    private static BufferedReader commands() {
        return new BufferedReader(new InputStreamReader(System.in));
    }

    private static void serve(Contender.Server server) throws Exception {
        StringBuilder line = new StringBuilder("pids=" + ProcessHandle.current().pid());
        server.helpers().forEach(pid -> line.append(',').append(pid));
        server.address().forEach((key, value) -> line.append(' ').append(key).append('=').append(value));
        say("%s", line);
        BufferedReader in = commands();
        for (String command = in.readLine(); command != null
                && !command.equals("quit"); command = in.readLine()) {
            switch (command) {
                case "allocated" -> say("bytes=%d", allocated());
                case "heap" -> say("bytes=%d", heap());
                default -> throw new IllegalArgumentException(command);
            }
        }
        server.close();
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getTotalThreadAllocatedBytes();
    }

    /**
     * Bytes of all objects that live. What is in use of a heap says less: it has room in it that threads have
     * reserved, and gaps that the collector has filled.
     */
    private static long heap() throws JMException {
        String histogram = (String) ManagementFactory.getPlatformMBeanServer().invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"), "gcClassHistogram",
                new Object[] {null}, new String[] {String[].class.getName()});
        return histogram.lines().map(line -> line.trim().split(" +"))
                .filter(words -> words.length > 3 && words[0].endsWith(":")
                && !words[3].contains(".vm.Filler"))
                .mapToLong(words -> Long.parseLong(words[2])).sum();
    }

    /** CPU time that processes have used, in nanoseconds, to 10 ms. */
    private static long cpu(List<Long> pids) throws IOException {
        long ticks = 0;
        for (long pid : pids) {
            String stat = Files.readString(Path.of("/proc/%d/stat".formatted(pid)));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        }
        return ticks * TICK_NANOS;
    }

    /** The asking process. */
    private static final class Client {

        private final Contender.Load load;
        private final List<Long> servers = new ArrayList<>();
        private final List<Long> own = List.of(ProcessHandle.current().pid());
        private int connections;

        Client(Contender.Load load, Map<String, String> address) {
            this.load = load;
            for (String pid : address.get("pids").split(",")) {
                servers.add(Long.parseLong(pid));
            }
        }

        void obey() throws Exception {
            say("ready");
            BufferedReader in = commands();
            for (String line = in.readLine(); line != null && !line.equals("quit"); line = in.readLine()) {
                String[] words = line.split(" ");
                int[] numbers = new int[words.length];
                for (int i = 1; i < words.length; i++) {
                    numbers[i] = Integer.parseInt(words[i]);
                }
                switch (words[0]) {
                    case "connect" -> {
                        connections = numbers[1];
                        load.connect(connections);
                        say("connected");
                    }
                    case "run" -> run(numbers[1], numbers[2], numbers[3], numbers[4]);
                    case "stream" -> stream(numbers[1], numbers[2], numbers[3]);
                    case "shake" -> shake(numbers[1] == 1, numbers[2]);
                    default -> throw new IllegalArgumentException(line);
                }
            }
        }

        private static List<Flow> flows(int count, Flow.Gate gate, int every) {
            List<Flow> flows = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Flow flow = new Flow(gate);
                flow.reset(every);
                flows.add(flow);
            }
            return flows;
        }

        private static long done(List<Flow> flows) {
            long done = 0;
            for (Flow flow : flows) {
                done += flow.done();
            }
            return done;
        }

        /** Waits until nothing is under way. */
        private static void rest(List<Flow> flows) throws InterruptedException {
            long until = System.currentTimeMillis() + REST_MILLIS;
            for (Flow flow : flows) {
                while (flow.done() < flow.asked()) {
                    if (System.currentTimeMillis() > until) {
                        fail(new IOException("an answer is missing"));
                    }
                    Thread.sleep(1);
                }
            }
        }

        private void run(int depth, int size, int settle, int millis) throws Exception {
            Flow.Gate gate = new Flow.Gate();
            gate.open();
            List<Flow> flows = flows(connections, gate, depth == 1 && connections == 1 ? 1 : 16);
            load.start(flows, depth, size);
            measure(gate, flows, settle, millis);
        }

        private void stream(int streams, int size, int millis) throws Exception {
            Flow.Gate gate = new Flow.Gate();
            gate.open();
            List<Flow> flows = flows(streams, gate, 16);
            load.stream(flows, size);
            measure(gate, flows, 300, millis);
        }

        private void measure(Flow.Gate gate, List<Flow> flows, int settle, int millis) throws Exception {
            Thread.sleep(settle);
            long before = done(flows);
            long started = System.nanoTime();
            long server = cpu(servers);
            long client = cpu(own);
            Thread.sleep(millis);
            long operations = done(flows) - before;
            long nanos = System.nanoTime() - started;
            server = cpu(servers) - server;
            client = cpu(own) - client;
            gate.close();
            rest(flows);
            Histogram all = new Histogram();
            flows.forEach(flow -> all.add(flow.latencies));
            say("ops=%d nanos=%d server=%d client=%d total=%d p50=%.0f p90=%.0f p99=%.0f p999=%.0f curve=%s",
                    operations, nanos, server, client, done(flows), all.percentile(.5), all.percentile(.9),
                    all.percentile(.99), all.percentile(.999), all.curve());
        }

        private void shake(boolean resumed, int millis) throws Exception {
            long started = System.nanoTime();
            long server = cpu(servers);
            long client = cpu(own);
            long operations = 0;
            while (System.nanoTime() - started < millis * 1_000_000L) {
                load.shake(resumed);
                operations++;
            }
            say("ops=%d nanos=%d server=%d client=%d", operations, System.nanoTime() - started,
                    cpu(servers) - server, cpu(own) - client);
        }
    }
}
