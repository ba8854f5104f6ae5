package org.myclerk.itests.rights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever was acknowledged is there after {@code kill -9}: of rights, batches of them, names, locks, routes and
 * requests for devices. {@link KillHost} is killed at a random moment, each time that it has begun.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KillTest {

    private static final int LANES = 2;
    private static final int KILLS = Integer.getInteger("myclerk.kills", 200);

    @TempDir
    Path folder;

    /** One host after the other on one folder, and what each should find. */
    private static final class Lane {

        private final Path folder;
        private final Random random;
        private final Map<String, String> acknowledged = new HashMap<>();
        private final Map<String, String> begun = new HashMap<>();
        private final Map<String, Integer> changes = new HashMap<>();

        Lane(Path folder, int number) throws IOException {
            this.folder = Files.createDirectories(folder.resolve("lane" + number));
            this.random = new Random(number);
        }

        void run(int kills) throws IOException, InterruptedException {
            for (int round = 0; round < kills; round++) {
                // Some of them while they begin.
                int lines = random.nextInt(10) == 0 ? 1 + random.nextInt(17) : 20 + random.nextInt(200);
                round(round, lines);
            }
            round(kills, 18);
        }

        private void round(int round, int lines) throws IOException, InterruptedException {
            Process host = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx96m",
                    "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                    KillHost.class.getName(), folder.toString(), Long.toString(random.nextLong()))
                    .redirectError(folder.resolve("errors").toFile()).start();
            int read = 0;
            try (BufferedReader out = host.inputReader()) {
                for (String line = out.readLine(); line != null; line = out.readLine()) {
                    take(round, line);
                    if (++read == lines) {
                        host.toHandle().destroyForcibly();
                    }
                }
            } finally {
                host.destroyForcibly().waitFor();
            }
            assertTrue(read >= lines, () -> "round %d ended by itself: %s".formatted(round, errors()));
        }

        private String errors() {
            try {
                return Files.readString(folder.resolve("errors"));
            } catch (IOException e) {
                return e.toString();
            }
        }

        private void take(int round, String line) {
            String[] words = line.split(" ", 3);
            if (words.length < 2 || words[0].equals("ack") && !begun.containsKey(words[1])) {
                return;
            }
            switch (words[0]) {
                case "state" -> check(round, words[1], words[2]);
                case "begin" -> begun.put(words[1], words[2]);
                case "ack" -> {
                    acknowledged.put(words[1], begun.remove(words[1]));
                    changes.merge(words[1].replaceAll("\\d", ""), 1, Integer::sum);
                }
                default -> { }
            }
        }

        /** What is there was acknowledged, or had begun when the host was killed. */
        private void check(int round, String key, String found) {
            String expected = acknowledged.get(key);
            if (expected != null && !found.equals(begun.get(key))) {
                assertEquals(expected, found, "%s after kill %d; begun was %s".formatted(key, round, begun.get(key)));
            }
            begun.remove(key);
            acknowledged.put(key, found);
        }
    }

    @Test
    void keepsWhatWasAcknowledged() throws Exception {
        List<Lane> lanes = new ArrayList<>();
        for (int i = 0; i < LANES; i++) {
            lanes.add(new Lane(folder, i));
        }
        try (ExecutorService pool = Executors.newFixedThreadPool(LANES)) {
            List<Future<?>> runs = new ArrayList<>();
            for (Lane lane : lanes) {
                runs.add(pool.submit(() -> {
                    lane.run((KILLS + LANES - 1) / LANES);
                    return null;
                }));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        }
        for (Lane lane : lanes) {
            System.out.println("acknowledged between the kills: " + lane.changes);
            for (String kind : List.of("grant", "batch", "label", "lock", "route", "request")) {
                assertTrue(lane.changes.getOrDefault(kind, 0) > 0, kind + " was never acknowledged");
            }
        }
    }
}
