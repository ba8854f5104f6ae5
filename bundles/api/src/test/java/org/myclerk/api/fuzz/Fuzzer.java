package org.myclerk.api.fuzz;

import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * Throws changed inputs at a target. A test runs a fixed number of inputs that are the same every time; with
 * {@code -Dmyclerk.fuzz.seconds=60} (or {@code -Pfuzz}) it runs that long with inputs of its own. What it
 * finds is told with the input, in hexadecimal.
 */
final class Fuzzer {

    private static final int[] EDGES = {0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF,
            0x80000000,
        0xFFFFFFFF};

    /** What is tested: it may refuse an input in its own words, but throw nothing else. */
    @FunctionalInterface
    interface Target {
        void take(byte[] input) throws Exception;
    }

    private final List<byte[]> seeds;

    /** @param seeds good inputs that the others are made of */
    Fuzzer(List<byte[]> seeds) {
        this.seeds = List.copyOf(seeds);
    }

    /** Runs the seeds as they are, then {@code rounds} changed ones, or as many as there is time for. */
    void run(int rounds, Target target) {
        for (byte[] seed : seeds) {
            take(target, seed);
        }
        long seconds = Long.getLong("myclerk.fuzz.seconds", 0);
        long begin = System.nanoTime();
        long first = seconds == 0 ? 0 : begin;
        for (long round = 0; seconds == 0 ? round < rounds
                : System.nanoTime() - begin < Duration.ofSeconds(seconds).toNanos(); round++) {
            take(target, changed(new Random(first + round)));
        }
    }

    private static void take(Target target, byte[] input) {
        byte[] kept = input.clone();
        try {
            target.take(input);
        } catch (Exception | AssertionError | StackOverflowError | OutOfMemoryError found) {
            throw new AssertionError("input " + HexFormat.of().formatHex(kept), found);
        }
    }

    private byte[] changed(Random random) {
        byte[] input = seeds.get(random.nextInt(seeds.size())).clone();
        do {
            input = changedOnce(input, random);
        } while (random.nextInt(3) != 0);
        return input;
    }

    private byte[] changedOnce(byte[] input, Random random) {
        int at = random.nextInt(input.length + 1);
        int size = Math.min(input.length - at, 1 + random.nextInt(random.nextBoolean() ? 4 : 64));
        return switch (random.nextInt(9)) {
            case 0 -> joined(input, at, new byte[0], input.length);
            case 1 -> joined(input, at, new byte[0], at + size);
            case 2 -> joined(input, at, Arrays.copyOfRange(input, at, at + size), at);
            case 3 -> joined(input, at, noise(random), at);
            case 4 -> joined(input, at, noise(random), input.length);
            case 5 -> joined(input, at, edge(random, Math.min(4, input.length - at)),
                    at + Math.min(4, input.length - at));
            case 6 -> {
                byte[] other = seeds.get(random.nextInt(seeds.size()));
                int from = random.nextInt(other.length + 1);
                yield joined(input, at, Arrays.copyOfRange(other, from, other.length), input.length);
            }
            default -> {
                if (at < input.length) {
                    input[at] ^= (byte) (random.nextBoolean() ? 1 << random.nextInt(8) : random.nextInt());
                }
                yield input;
            }
        };
    }

    private static byte[] joined(byte[] input, int end, byte[] middle, int rest) {
        byte[] joined = Arrays.copyOf(input, end + middle.length + input.length - rest);
        System.arraycopy(middle, 0, joined, end, middle.length);
        System.arraycopy(input, rest, joined, end + middle.length, input.length - rest);
        return joined;
    }

    private static byte[] noise(Random random) {
        byte[] noise = new byte[random.nextInt(random.nextInt(8) == 0 ? 300 : 9)];
        random.nextBytes(noise);
        return noise;
    }

    /** The last bytes of a number at which things change. */
    private static byte[] edge(Random random, int room) {
        int number = EDGES[random.nextInt(EDGES.length)] + random.nextInt(3) - 1;
        byte[] edge = new byte[room == 0 ? 0 : 1 + random.nextInt(room)];
        byte[] whole = new byte[room];
        for (int i = 0; i < edge.length; i++) {
            edge[edge.length - 1 - i] = (byte) (number >>> 8 * i);
        }
        System.arraycopy(edge, 0, whole, room - edge.length, edge.length);
        return whole;
    }
}
