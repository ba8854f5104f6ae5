package org.myclerk.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Measures contenders in alternating rounds: {@code busy|lone|bulk|shake|resume CONTENDER,… ROUNDS MILLIS}. */
public final class Bench {

    private static final int WARM_MILLIS = 2000;
    private static final int MOST_WARMING = 30;

    private Bench() {
    }

    /** One measurement of one contender. */
    private interface Work {

        Pair.Sample sample(Pair pair, int millis) throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory("myclerk-bench");
        Certificates.make(folder);
        Work work = switch (arguments[0]) {
            case "busy", "lone" -> (pair, millis) -> pair.run(arguments[0].equals("busy") ? 16 : 1, 64, 300, millis);
            case "bulk" -> (pair, millis) -> pair.stream(4, 65_000, millis);
            case "shake" -> (pair, millis) -> pair.shake(false, millis);
            case "resume" -> (pair, millis) -> pair.shake(true, millis);
            default -> throw new IllegalArgumentException(arguments[0]);
        };
        Map<String, Pair> pairs = new LinkedHashMap<>();
        for (String name : arguments[1].split(",")) {
            Pair pair = new Pair(folder, name, Arrays.stream(arguments).skip(4).toList());
            pair.connect(arguments[0].equals("busy") ? 64 : 1);
            warm(pair, work);
            if (arguments[0].equals("lone")) {
                pair.pin("1");
            }
            pairs.put(name, pair);
        }
        for (int round = 0; round < Integer.parseInt(arguments[2]); round++) {
            for (Map.Entry<String, Pair> entry : pairs.entrySet()) {
                Pair pair = entry.getValue();
                long before = pair.allocated();
                Pair.Sample sample = work.sample(pair, Integer.parseInt(arguments[3]));
                System.out.printf("%-16s %9.0f ns CPU an operation, server %9.0f, %8.0f/s, p50 %7.1f p99 %7.1f us, "
                        + "%6d bytes of garbage%n", entry.getKey(), sample.perOperation(),
                        sample.serverNanos() / sample.operations(), sample.rate(), sample.p50() / 1000,
                        sample.p99() / 1000, (pair.allocated() - before) / Math.max(1, sample.total()));
            }
        }
        pairs.values().forEach(Pair::close);
    }

    /** Until it becomes no faster, whatever else this machine does. */
    private static void warm(Pair pair, Work work) throws Exception {
        double before = Double.MAX_VALUE;
        int steady = 0;
        for (int i = 0; i < MOST_WARMING && steady < 3; i++) {
            double now = work.sample(pair, WARM_MILLIS).perOperation();
            steady = now > before * .95 ? steady + 1 : 0;
            before = Math.min(before, now);
        }
    }
}

