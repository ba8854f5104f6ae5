package org.myclerk.core.dispatch;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import org.myclerk.api.client.Peer.Event;
import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Payload;

/** Who listens to which events of one session. Thread-safe. */
final class Events {

    private static final Logger LOG = System.getLogger("org.myclerk.core");

    /** Events waiting for one listener before the session stops reading. */
    private static final int MOST_WAITING = 1024;

    private final Map<Integer, List<Listener<?>>> listeners = new ConcurrentHashMap<>();
    private final Runnable roomAgain;

    /** @param roomAgain runs when a listener that was full has room */
    Events(Runnable roomAgain) {
        this.roomAgain = roomAgain;
    }

    <E> Subscription listen(Operation<?, E> operation, Consumer<Event<E>> consumer) {
        int code = operation.code().value();
        Listener<E> listener = new Listener<>(operation, consumer);
        listeners.computeIfAbsent(code, _ -> new CopyOnWriteArrayList<>()).add(listener);
        Thread.ofVirtual().name("events " + operation.name()).start(listener);
        return () -> {
            listeners.getOrDefault(code, List.of()).remove(listener);
            listener.stop();
        };
    }

    boolean heard(int code) {
        List<Listener<?>> interested = listeners.get(code);
        return interested != null && !interested.isEmpty();
    }

    /** @return false if a listener is full: read no more until there is room again */
    boolean deliver(int code, Payload payload) {
        boolean room = true;
        for (Listener<?> listener : listeners.getOrDefault(code, List.of())) {
            room &= listener.add(payload);
        }
        return room;
    }

    void stop() {
        listeners.values().forEach(list -> list.forEach(Listener::stop));
        listeners.clear();
    }

    private final class Listener<E> implements Runnable {

        private final Operation<?, E> operation;
        private final Consumer<Event<E>> consumer;
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition arrived = lock.newCondition();
        private final ArrayDeque<Payload> waiting = new ArrayDeque<>();
        private boolean full;
        private boolean stopped;

        Listener(Operation<?, E> operation, Consumer<Event<E>> consumer) {
            this.operation = operation;
            this.consumer = consumer;
        }

        boolean add(Payload payload) {
            lock.lock();
            try {
                waiting.add(payload);
                arrived.signal();
                full |= waiting.size() >= MOST_WAITING;
                return !full;
            } finally {
                lock.unlock();
            }
        }

        void stop() {
            lock.lock();
            try {
                stopped = true;
                arrived.signal();
            } finally {
                lock.unlock();
            }
        }

        private Payload take() throws InterruptedException {
            boolean again = false;
            Payload payload;
            lock.lockInterruptibly();
            try {
                while (waiting.isEmpty() && !stopped) {
                    arrived.await();
                }
                payload = waiting.poll();
                if (full && waiting.size() <= MOST_WAITING / 2) {
                    full = false;
                    again = true;
                }
            } finally {
                lock.unlock();
            }
            if (again) {
                roomAgain.run();
            }
            return payload;
        }

        @Override
        public void run() {
            try {
                for (Payload payload = take(); payload != null; payload = take()) {
                    hear(payload);
                }
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        }

        private void hear(Payload payload) {
            try {
                consumer.accept(new Event<>(operation.answer().read(payload), payload.envelope().watch()));
            } catch (Refused unreadable) {
                LOG.log(Level.DEBUG, "event {0} cannot be read: {1}", operation, unreadable.getMessage());
            } catch (RuntimeException bug) {
                LOG.log(Level.ERROR, "a listener of %s failed".formatted(operation), bug);
            }
        }
    }
}
