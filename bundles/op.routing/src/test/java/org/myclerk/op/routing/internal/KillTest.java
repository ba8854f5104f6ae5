package org.myclerk.op.routing.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged is there after {@code kill -9} at any moment, and nothing by halves. */
class KillTest {

    private static final int ROUNDS = Integer.getInteger("myclerk.kills", 10);
    private static final int NUMBERS_A_ROUND = 100_000;

    @TempDir
    Path home;

    private final Random random = new Random(1);
    /** What a key can be: what was acknowledged last, and what was tried after that. */
    private final Map<String, Set<String>> possible = new HashMap<>();

    @Test
    void losesNothingOfRoutesGrantsAndRequests() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            possible.keySet().removeIf(key -> key.startsWith("request-"));
            run(round);
            KilledNode node = new KilledNode(home);
            try {
                for (Map.Entry<String, Set<String>> each : possible.entrySet()) {
                    String value = node.value(each.getKey());
                    assertTrue(each.getValue().contains(value), "round %d: %s is %s, not one of %s".formatted(round,
                            each.getKey(), value, each.getValue()));
                    if (each.getKey().startsWith("request-")) {
                        assertEquals(value.equals("APPROVED"), node.given(each.getKey()).isPresent(), each.getKey());
                    }
                    each.setValue(new HashSet<>(Set.of(value)));
                }
            } finally {
                node.stop();
            }
        }
    }

    private void run(int round) throws Exception {
        Process node = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), KilledNode.class.getName(), home.toString(),
                Integer.toString(round * NUMBERS_A_ROUND)).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        int wanted = 20 + random.nextInt(200);
        int acknowledged = 0;
        try (BufferedReader out = node.inputReader()) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                String[] words = line.split(" ");
                boolean whole = words.length == 4 && words[3].equals(".");
                if (whole && words[0].equals("?")) {
                    possible.computeIfAbsent(words[1], _ -> new HashSet<>(Set.of("none"))).add(words[2]);
                } else if (whole && words[0].equals("!")) {
                    possible.put(words[1], new HashSet<>(Set.of(words[2])));
                    acknowledged++;
                }
                if (acknowledged == wanted) {
                    node.toHandle().destroyForcibly();
                }
            }
        } finally {
            node.destroyForcibly().waitFor();
        }
        assertTrue(acknowledged >= wanted, "the node ended by itself");
    }
}
