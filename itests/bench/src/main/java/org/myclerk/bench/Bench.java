package org.myclerk.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;

import org.myclerk.bench.Pair.Sample;
import org.myclerk.bench.jmh.FrameBenchmark;
import org.myclerk.bench.jmh.PayloadBenchmark;
import org.myclerk.bench.jmh.SessionBenchmark;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * The whole measurement: every contender as a warm pair of processes, asked in turn, round after round, so
 * that what else the machine does meets all of them. What counts is the CPU time of all processes of a
 * contender, and the ratio within each round.
 */
public final class Bench {

    private static final String OURS = "myclerk";
    private static final String RESUMED = "myclerk resumed";
    private static final int SIZE = 64;
    private static final int BULK = 65_000;
    private static final int SETTLE = 200;
    /** Milliseconds until sessions that were closed have gone at the server too. */
    private static final int AWAY = 3000;
    private static final TimeValue PART = TimeValue.milliseconds(500);

    /**
     * How long and how often.
     *
     * @param warm milliseconds at the least before anything counts
     * @param warmAtMost milliseconds after which it counts though it still becomes faster
     * @param rounds of every contender
     * @param millis of one measurement; of handshakes twice that, because there are few in it
     * @param handshakes before they count: what each runs once is compiled after some thousands
     */
    private record Plan(String name, int warm, int warmAtMost, int rounds, int millis, int handshakes,
            boolean full) {

        static final Plan QUICK = new Plan("quick", 2000, 6000, 5, 600, 6000, false);
        static final Plan FULL = new Plan("full", 8000, 30_000, 9, 1500, 20_000, true);
    }

    /** One measurement of one pair. */
    private interface Work {

        Sample sample(Pair pair) throws Exception;
    }

    private final Plan plan;
    private final Set<String> only;
    private final Path folder;
    private final Report report;
    private final Map<String, Pair> pairs = new LinkedHashMap<>();

    private Bench(Plan plan, Set<String> only, Path folder, Report report) {
        this.plan = plan;
        this.only = only;
        this.folder = folder;
        this.report = report;
    }

    /**
     * {@code [--quick] [--check] [--only PART,…] OUTPUT-FOLDER}; parts are busy, lone, bulk, handshake,
     * tiers, sessions, handlers, memory, sizes, parts. With {@code --check} the exit status is 1 if a ratio
     * is worse than its bound by half.
     */
    public static void main(String[] arguments) throws Exception {
        Plan plan = Plan.FULL;
        boolean check = false;
        Set<String> only = Set.of();
        Path output = null;
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--quick" -> plan = Plan.QUICK;
                case "--check" -> check = true;
                case "--only" -> only = new TreeSet<>(List.of(arguments[++i].split(",")));
                default -> output = Path.of(arguments[i]);
            }
        }
        if (output == null) {
            System.err.println("usage: run [--quick] [--check] [--only PART,…]");
            System.exit(2);
        }
        Path folder = Files.createTempDirectory("myclerk-bench");
        Report report = new Report(plan.name, plan.rounds);
        Bench bench = new Bench(plan, only, folder, report);
        try {
            Certificates.make(folder);
            bench.run();
        } finally {
            bench.pairs.values().forEach(Pair::close);
        }
        report.write(output);
        System.out.println(report.table());
        List<Row> failed = report.rows().stream().filter(Row::failed).toList();
        failed.forEach(row -> System.out.println("far from its bound: " + row.work() + ", " + row.against()));
        System.exit(check && !failed.isEmpty() ? 1 : 0);
    }

    private void run() throws Exception {
        part("busy", this::busy);
        part("lone", this::lone);
        part("bulk", this::bulk);
        part("handshake", this::handshake);
        if (plan.full) {
            part("sizes", this::sizes);
            part("tiers", this::tiers);
            part("handlers", this::handlers);
            part("sessions", this::sessions);
        }
        part("memory", this::memory);
        pairs.values().forEach(Pair::close);
        pairs.clear();
        part("parts", this::parts);
    }

    private interface Part {

        void run() throws Exception;
    }

    private void part(String name, Part part) throws Exception {
        if (only.isEmpty() || only.contains(name)) {
            System.out.println("measuring: " + name);
            part.run();
        }
    }

    private Pair pair(String name, String... properties) throws IOException {
        String key = name + String.join("", properties);
        Pair known = pairs.get(key);
        if (known == null) {
            known = new Pair(folder, name, List.of(properties));
            pairs.put(key, known);
        }
        return known;
    }

    /** Until it has run for a while and becomes no faster. */
    private void warm(Pair pair, Work work) throws Exception {
        long begin = System.nanoTime();
        double best = Double.MAX_VALUE;
        int steady = 0;
        while (true) {
            double now = work.sample(pair).perOperation();
            steady = now > best * .97 ? steady + 1 : 0;
            best = Math.min(best, now);
            long millis = (System.nanoTime() - begin) / 1_000_000;
            if (millis > plan.warmAtMost || millis > plan.warm && steady >= 2) {
                return;
            }
        }
    }

    /** Until there were enough, or twice the time of other work is over. */
    private void warmHandshakes(Pair pair, Work work) throws Exception {
        long end = System.nanoTime() + 2_000_000L * plan.warmAtMost;
        for (long done = 0; done < plan.handshakes && System.nanoTime() < end;) {
            done += work.sample(pair).operations();
        }
    }

    /** The same work of all contenders. */
    private Map<String, List<Sample>> rounds(List<String> names, int rounds, Work work) throws Exception {
        Map<String, Callable<Sample>> each = new LinkedHashMap<>();
        names.forEach(name -> each.put(name, () -> work.sample(pairs.get(name))));
        return rounds(each, rounds);
    }

    /** All in turn, as often as there are rounds; each round begins with another one. */
    private static Map<String, List<Sample>> rounds(Map<String, Callable<Sample>> each, int rounds)
            throws Exception {
        Map<String, List<Sample>> samples = new LinkedHashMap<>();
        each.keySet().forEach(name -> samples.put(name, new ArrayList<>()));
        List<String> names = List.copyOf(each.keySet());
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < names.size(); i++) {
                String name = names.get((round + i) % names.size());
                samples.get(name).add(each.get(name).call());
            }
        }
        return samples;
    }

    private static List<Double> values(List<Sample> samples, ToDoubleFunction<Sample> value) {
        return samples.stream().map(value::applyAsDouble).toList();
    }

    private void busy() throws Exception {
        List<String> names = List.of(OURS, "nio", "netty-jdk", "netty-boringssl", "grpc", "nats", "mqtt");
        Work work = pair -> pair.run(16, SIZE, SETTLE, plan.millis);
        for (String name : names) {
            Pair pair = pair(name);
            pair.connect(64);
            warm(pair, work);
        }
        long before = pairs.get(OURS).allocated();
        Map<String, List<Sample>> samples = rounds(names, plan.rounds, work);
        long requests = samples.get(OURS).stream().mapToLong(Sample::total).sum();
        double garbage = (pairs.get(OURS).allocated() - before) / (double) requests;
        String what = "64 B request and answer, 64 × 16, CPU";
        Map<String, Double> bounds = Map.of("netty-jdk", 1.2, "netty-boringssl", 1.6, "grpc", .3, "nats", .2,
                "mqtt", .03);
        Map<String, Double> reached = Map.of("netty-boringssl", 2.5, "nats", .25, "mqtt", .08);
        for (String name : names.subList(1, names.size())) {
            double bound = bounds.getOrDefault(name, Double.NaN);
            report.add(Row.of(what, name, "%.0f ns", values(samples.get(OURS), Sample::perOperation),
                    values(samples.get(name), Sample::perOperation), bound, false)
                    .reaching(reached.getOrDefault(name, bound)));
        }
        report.add(Row.alone("garbage on the server, 64 × 16", "bytes a request", "%.0f B", List.of(garbage),
                600));
        samples.forEach((name, all) -> report.curve("busy", name, all.get(all.size() / 2).curve()));
    }

    private void lone() throws Exception {
        List<String> names = List.of(OURS, "nio", "netty-jdk", "netty-boringssl");
        Work work = pair -> pair.run(1, SIZE, SETTLE, plan.millis);
        for (String name : names) {
            Pair pair = pair(name);
            pair.connect(1);
            pair.pin("1");
            warm(pair, work);
        }
        long before = pairs.get(OURS).allocated();
        Map<String, List<Sample>> samples = rounds(names, plan.rounds, work);
        long requests = samples.get(OURS).stream().mapToLong(Sample::total).sum();
        double garbage = (pairs.get(OURS).allocated() - before) / (double) requests;
        for (String name : names) {
            pair(name).unpin();
        }
        for (String name : names.subList(1, names.size())) {
            double half = name.equals("nio") ? 1.35 : name.equals("netty-jdk") ? 1 : Double.NaN;
            double high = name.equals("nio") ? 1.7 : name.equals("netty-jdk") ? 1 : Double.NaN;
            report.add(Row.of("64 B, one under way, one core, p50", name, "%.1f µs",
                    values(samples.get(OURS), sample -> sample.p50() / 1000),
                    values(samples.get(name), sample -> sample.p50() / 1000), half, false)
                    .reaching(name.equals("nio") ? 2.1 : half));
            report.add(Row.of("64 B, one under way, one core, p99", name, "%.1f µs",
                    values(samples.get(OURS), sample -> sample.p99() / 1000),
                    values(samples.get(name), sample -> sample.p99() / 1000), high, false)
                    .reaching(name.equals("nio") ? 3 : high));
        }
        report.add(Row.alone("garbage on the server, one under way", "bytes a request", "%.0f B",
                List.of(garbage),
                7000));
        samples.forEach((name, all) -> report.curve("lone", name, all.get(all.size() / 2).curve()));
    }

    private void bulk() throws Exception {
        List<String> names = List.of(OURS, "netty-jdk", "netty-boringssl");
        Work work = pair -> pair.stream(4, BULK, plan.millis);
        for (String name : names) {
            warm(pair(name), work);
        }
        Map<String, List<Sample>> samples = rounds(names, plan.rounds, work);
        ToDoubleFunction<Sample> megabytes = sample -> BULK * 1000.0 / sample.perOperation();
        for (String name : names.subList(1, names.size())) {
            report.add(Row.of("65,000 B one way, per CPU second", name, "%.0f MB",
                    values(samples.get(OURS), megabytes), values(samples.get(name), megabytes),
                    name.equals("netty-jdk") ? .4 : Double.NaN, true));
        }
    }

    private void handshake() throws Exception {
        List<String> names = List.of(OURS, "netty-jdk", "netty-boringssl");
        Work work = pair -> pair.shake(false, 2 * plan.millis);
        for (String name : names) {
            pair(name).connect(1);
            warmHandshakes(pair(name), work);
        }
        Work again = pair -> pair.shake(true, 2 * plan.millis);
        warmHandshakes(pair(OURS), again);
        Map<String, Callable<Sample>> each = new LinkedHashMap<>();
        names.forEach(name -> each.put(name, () -> work.sample(pair(name))));
        each.put(RESUMED, () -> again.sample(pair(OURS)));
        Map<String, List<Sample>> samples = rounds(each, plan.rounds);
        ToDoubleFunction<Sample> micros = sample -> sample.perOperation() / 1000;
        for (String name : names.subList(1, names.size())) {
            boolean bounded = name.equals("netty-boringssl");
            report.add(Row.of("full handshake, CPU", name, "%.0f µs", values(samples.get(OURS), micros),
                    values(samples.get(name), micros), bounded ? .8 : Double.NaN, false));
            report.add(Row.of("resumption against full handshake, CPU", name, "%.0f µs",
                    values(samples.get(RESUMED), micros), values(samples.get(name), micros),
                    bounded ? .35 : Double.NaN, false).reaching(.42));
        }
    }

    private void sizes() throws Exception {
        List<String> names = List.of(OURS, "netty-jdk", "netty-boringssl");
        int rounds = 3;
        for (int size : new int[] {64, 256, 1024, 4096, 16_384}) {
            for (String name : names) {
                pair(name).connect(16);
            }
            Map<String, List<Sample>> samples = rounds(names, rounds,
                    pair -> pair.run(16, size, SETTLE, plan.millis));
            samples.forEach((name, all) -> report.point("sizes", name, size,
                    1e9 / Row.median(values(all, Sample::perOperation).stream().mapToDouble(d -> d)
                    .toArray())));
        }
        for (int connections : new int[] {1, 4, 16, 64, 256}) {
            for (String name : names) {
                pair(name).connect(connections);
            }
            Map<String, List<Sample>> samples = rounds(names, rounds,
                    pair -> pair.run(16, SIZE, SETTLE, plan.millis));
            samples.forEach((name, all) -> report.point("connections", name, connections,
                    1e9 / Row.median(values(all, Sample::perOperation).stream().mapToDouble(d -> d)
                    .toArray())));
        }
    }

    /** Pairs of ours that differ in properties, beside the plain one. */
    private void variants(String what, Map<String, String> variants, double bound) throws Exception {
        Work work = pair -> pair.run(16, SIZE, SETTLE, plan.millis);
        List<String> names = new ArrayList<>();
        for (String property : variants.values()) {
            Pair pair = property.isEmpty() ? pair(OURS) : pair(OURS, property);
            pair.connect(64);
            warm(pair, work);
            names.add(OURS + property);
        }
        Map<String, List<Sample>> samples = rounds(names, plan.rounds, work);
        List<String> words = List.copyOf(variants.keySet());
        for (int i = 1; i < names.size(); i++) {
            report.add(Row.of(what, words.get(i) + " against " + words.getFirst(), "%.0f ns",
                    values(samples.get(names.get(i)), Sample::perOperation),
                    values(samples.get(names.getFirst()), Sample::perOperation), bound, false));
        }
    }

    private void tiers() throws Exception {
        Map<String, String> variants = new LinkedHashMap<>();
        variants.put("tier 3", "");
        variants.put("tier 5", "-Dbench.tier=T5");
        variants.put("tier 2", "-Dbench.tier=T2");
        variants.put("a thread for each request", "-Dbench.blocking=true");
        variants("64 B, 64 × 16, CPU", variants, Double.NaN);
    }

    private void handlers() throws Exception {
        Map<String, String> variants = new LinkedHashMap<>();
        variants.put("10 handlers", "-Dbench.handlers=10");
        variants.put("200 handlers", "-Dbench.handlers=200");
        variants("64 B, 64 × 16, CPU", variants, 1.05);
    }

    private void sessions() throws Exception {
        for (String name : List.of("nio", "netty-jdk")) {
            growth(name, new int[] {10, 1000}, Double.NaN);
        }
        growth(OURS, new int[] {10, 1, 100, 1000, 4000}, 1.2);
    }

    /**
     * What a request costs among so many sessions, against the first number of them.
     *
     * @param bound for 1000 sessions
     */
    private void growth(String name, int[] counts, double bound) throws Exception {
        Pair pair = pair(name);
        Work work = each -> each.run(16, SIZE, 10 * SETTLE, plan.millis);
        Map<Integer, List<Double>> costs = new LinkedHashMap<>();
        pair.connect(counts[0]);
        warm(pair, work);
        for (int round = 0; round < Math.min(5, plan.rounds); round++) {
            for (int count : counts) {
                pair.connect(count);
                costs.computeIfAbsent(count, _ -> new ArrayList<>()).add(work.sample(pair).perOperation());
            }
        }
        String what = "64 B, 16 under way in each session, CPU" + (name.equals(OURS) ? "" : ": " + name);
        for (int count : counts) {
            report.point("sessions", name, count, 1e9 / Row.median(costs.get(count).stream()
                    .mapToDouble(d -> d).toArray()));
            if (count != counts[0]) {
                report.add(Row.of(what, "%d sessions against %d".formatted(count, counts[0]), "%.0f ns",
                        costs.get(count), costs.get(counts[0]), count == 1000 ? bound : Double.NaN, false)
                        .reaching(1.45));
            }
        }
        pair.connect(1);
    }

    private void memory() throws Exception {
        int sessions = plan.full ? 4000 : 1000;
        Pair pair = pair(OURS);
        pair.connect(sessions);
        pair.run(1, SIZE, SETTLE, plan.millis);
        pair.connect(0);
        long before = pair.heap();
        for (long earlier = Long.MAX_VALUE; before < earlier * .99;) {
            Thread.sleep(AWAY);
            earlier = before;
            before = pair.heap();
        }
        pair.connect(sessions);
        Thread.sleep(AWAY);
        double each = (pair.heap() - before) / (double) sessions;
        report.add(Row.alone("memory of an idle session on the server", "bytes of heap, %d sessions"
                .formatted(sessions), "%.0f B", List.of(each), 4096));
        pair.connect(0);
    }

    /** JMH, for what has no peer on a wire. */
    private void parts() throws Exception {
        ChainedOptionsBuilder options = new OptionsBuilder().forks(1)
                .warmupIterations(plan.full ? 5 : 3).warmupTime(PART)
                .measurementIterations(plan.full ? 5 : 3).measurementTime(PART)
                .jvmArgsAppend("-XX:+UseSerialGC", "--sun-misc-unsafe-memory-access=allow",
                        "--enable-native-access=ALL-UNNAMED")
                .include(PayloadBenchmark.class.getSimpleName() + ".both");
        if (plan.full) {
            options.include(FrameBenchmark.class.getSimpleName())
                    .include(SessionBenchmark.class.getSimpleName());
        }
        Map<String, Double> scores = new LinkedHashMap<>();
        for (RunResult result : new Runner(options.build()).run()) {
            String benchmark = result.getParams().getBenchmark();
            StringBuilder name = new StringBuilder(benchmark.substring(benchmark.lastIndexOf('.',
                    benchmark.lastIndexOf('.') - 1) + 1));
            result.getParams().getParamsKeys().forEach(key -> name.append(' ')
                    .append(result.getParams().getParam(key)));
            scores.put(name.toString(), result.getPrimaryResult().getScore());
        }
        report.add(Row.of("record of 5 fields to bytes and back", "msgpack-core by hand", "%.0f ns",
                List.of(scores.remove("PayloadBenchmark.both")),
                List.of(scores.remove("PayloadBenchmark.bothMsgpackCore")), 1, false));
        scores.forEach(report::part);
    }
}
