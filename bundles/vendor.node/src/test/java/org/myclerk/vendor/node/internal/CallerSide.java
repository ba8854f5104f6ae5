package org.myclerk.vendor.node.internal;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.Answers;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.testing.TestCaller;
import org.myclerk.testing.TestNode;

/**
 * One session to a node, in memory: calls go straight to its handler, with credit and ends as on the wire.
 */
final class CallerSide implements Peer {

    private final Bindings bindings;
    private final TestCaller caller;
    private final List<InMemory<?>> followed = new ArrayList<>();
    private volatile boolean ended;

    CallerSide(Bindings bindings, int session) {
        this.bindings = bindings;
        this.caller = new TestCaller("ada", session);
    }

    void endSession() {
        ended = true;
        caller.endSession();
        List<InMemory<?>> open;
        synchronized (followed) {
            open = List.copyOf(followed);
        }
        open.forEach(InMemory::sessionEnded);
    }

    /** Waits until no followed call is served any more. */
    void idle() throws InterruptedException {
        List<InMemory<?>> open;
        synchronized (followed) {
            open = List.copyOf(followed);
        }
        for (InMemory<?> call : open) {
            call.server.join();
        }
    }

    @SuppressWarnings("unchecked")
    private <Q, A> Bindings.Binding<Q, A> binding(Operation<Q, A> operation) {
        return (Bindings.Binding<Q, A>) bindings.binding(operation.code());
    }

    @Override
    public <Q, A> A call(Operation<Q, A> operation, Q request, CallOptions options)
            throws Refused, IOException, InterruptedException {
        if (ended) {
            throw new IOException("the session has ended");
        }
        return binding(operation).method().answer(caller, request, null);
    }

    @Override
    public <Q, A> Followed<A> follow(Operation<Q, A> operation, Q request, int credit, CallOptions options) {
        InMemory<A> call = new InMemory<>(credit);
        synchronized (followed) {
            followed.add(call);
        }
        call.serve(() -> binding(operation).method().answer(caller, request, call));
        return call;
    }

    /** What a followed call runs. */
    private interface Work<A> {

        A answer() throws Refused, InterruptedException;
    }

    /** The handler of the calls goes, as when its bundle is replaced. */
    void handlerGoes() {
        List<InMemory<?>> open;
        synchronized (followed) {
            open = List.copyOf(followed);
        }
        open.forEach(InMemory::handlerGoes);
    }

    /** Both ends of a followed call. */
    private static final class InMemory<A> implements Followed<A>, Answers<A> {

        private final Semaphore credit;
        private final ArrayDeque<A> queue = new ArrayDeque<>();
        private final List<Runnable> atEnd = new ArrayList<>();
        private final List<Runnable> atLeave = new ArrayList<>();
        private Thread server;
        private Refused refused;
        private boolean answered;
        private boolean callEnded;
        private boolean gone;

        InMemory(int credit) {
            this.credit = new Semaphore(credit);
        }

        void serve(Work<A> work) {
            server = Thread.ofVirtual().name("served").start(() -> {
                try {
                    finish(work.answer(), null);
                } catch (Refused no) {
                    finish(null, no);
                } catch (InterruptedException stopped) {
                    finish(null, Refused.unavailable("stopped before it was done"));
                }
            });
        }

        private synchronized void finish(A last, Refused no) {
            if (last != null) {
                queue.add(last);
            }
            refused = no;
            answered = true;
            notifyAll();
        }

        void sessionEnded() {
            synchronized (this) {
                gone = true;
                notifyAll();
            }
            close();
            server.interrupt();
        }

        @Override
        public long rid() {
            return 1;
        }

        @Override
        public synchronized A next() throws Refused, IOException, InterruptedException {
            while (queue.isEmpty() && !answered && !gone) {
                wait();
            }
            if (gone) {
                throw new IOException("the session ended");
            }
            if (!queue.isEmpty()) {
                credit.release();
                return queue.poll();
            }
            if (refused != null) {
                throw refused;
            }
            return null;
        }

        @Override
        public synchronized boolean last() {
            return answered && queue.isEmpty();
        }

        @Override
        public void close() {
            List<Runnable> tasks;
            synchronized (this) {
                if (callEnded) {
                    return;
                }
                callEnded = true;
                tasks = List.copyOf(atEnd);
            }
            credit.release();
            tasks.forEach(Runnable::run);
        }

        @Override
        public boolean followed() {
            return true;
        }

        @Override
        public boolean send(A answer) throws InterruptedException {
            credit.acquire();
            synchronized (this) {
                if (callEnded) {
                    return false;
                }
                queue.add(answer);
                notifyAll();
                return true;
            }
        }

        @Override
        public boolean offer(A answer) {
            throw new UnsupportedOperationException();
        }

        @Override
        public synchronized void onLeave(Runnable task) {
            atLeave.add(task);
        }

        void handlerGoes() {
            List<Runnable> tasks;
            synchronized (this) {
                tasks = List.copyOf(atLeave);
            }
            tasks.forEach(Runnable::run);
        }

        @Override
        public synchronized boolean ended() {
            return callEnded;
        }

        @Override
        public void onEnd(Runnable task) {
            synchronized (this) {
                if (!callEnded) {
                    atEnd.add(task);
                    return;
                }
            }
            task.run();
        }
    }

    @Override
    public Bytes nodeId() {
        return TestNode.ID;
    }

    @Override
    public String name() {
        return "attic";
    }

    @Override
    public Set<String> roles() {
        return Set.of();
    }

    @Override
    public Tier tier() {
        return Tier.T5;
    }

    @Override
    public Bytes session() {
        return caller.session();
    }

    @Override
    public boolean connected() {
        return !ended;
    }

    @Override
    public <Q> void send(Operation<Q, ?> operation, Q message, CallOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <E> Subscription onEvent(Operation<?, E> operation, Consumer<Event<E>> consumer) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void onEnd(Runnable task) {
        caller.onSessionEnd(task);
    }

    @Override
    public void close(String reason) {
        endSession();
    }
}
