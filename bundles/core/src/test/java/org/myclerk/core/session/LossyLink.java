package org.myclerk.core.session;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * Carries frames between ends in memory, on a clock of its own: it loses, repeats, delays and reorders them.
 */
final class LossyLink {

    /** A frame on its way. */
    private record Flight(long arrives, int order, Runnable deliver) implements Comparable<Flight> {
        @Override
        public int compareTo(Flight other) {
            int byTime = Long.compare(arrives, other.arrives);
            return byTime != 0 ? byTime : Integer.compare(order, other.order);
        }
    }

    /** Something with timers. */
    interface Ticking {
        void tick(long now);

        long nextTick();
    }

    private final Random random;
    private final double loss;
    private final double repeats;
    private final int jitterMillis;
    private final PriorityQueue<Flight> flights = new PriorityQueue<>();
    private final List<Ticking> ticking = new ArrayList<>();
    private int order;
    long now;

    LossyLink(long seed, double loss, double repeats, int jitterMillis, long now) {
        this.random = new Random(seed);
        this.loss = loss;
        this.repeats = repeats;
        this.jitterMillis = jitterMillis;
        this.now = now;
    }

    void add(Ticking one) {
        ticking.add(one);
    }

    void send(Runnable deliver) {
        if (random.nextDouble() < loss) {
            return;
        }
        fly(deliver);
        if (random.nextDouble() < repeats) {
            fly(deliver);
        }
    }

    private void fly(Runnable deliver) {
        flights.add(new Flight(now + 1 + random.nextInt(jitterMillis), order++, deliver));
    }

    /** Lets time pass until nothing happens before an end. */
    void run(long until) {
        while (true) {
            long next = flights.isEmpty() ? Long.MAX_VALUE : flights.peek().arrives();
            for (Ticking one : ticking) {
                next = Math.min(next, one.nextTick());
            }
            if (next > until) {
                now = until;
                return;
            }
            now = Math.max(now, next);
            while (!flights.isEmpty() && flights.peek().arrives() <= now) {
                flights.poll().deliver().run();
            }
            for (Ticking one : ticking) {
                if (one.nextTick() <= now) {
                    one.tick(now);
                }
            }
        }
    }
}
