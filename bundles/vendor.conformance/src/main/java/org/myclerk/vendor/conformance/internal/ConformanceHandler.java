package org.myclerk.vendor.conformance.internal;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import org.myclerk.api.node.Node;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.OperationHandler;
import org.myclerk.api.operation.OperationRange;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;
import org.myclerk.vendor.conformance.BytesWanted;
import org.myclerk.vendor.conformance.ConformanceOperations;
import org.myclerk.vendor.conformance.Counted;
import org.myclerk.vendor.conformance.Data;
import org.myclerk.vendor.conformance.EventsWanted;
import org.myclerk.vendor.conformance.Pause;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Does what tests of foreign implementations ask for. What goes on after an answer has a virtual thread of
 * its own.
 */
@Component
@OperationRange(name = "conformance", first = 0xF000, last = 0xF00F)
public final class ConformanceHandler implements OperationHandler {

    private static final Logger LOG = System.getLogger("org.myclerk.vendor.conformance");

    private final Node node;
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("conformance-", 0).factory());

    @Activate
    public ConformanceHandler(@Reference Node node) {
        this.node = node;
    }

    @Deactivate
    void close() {
        threads.shutdownNow();
    }

    /** Takes nothing more, and waits until all that goes on has ended by itself. */
    void idle() {
        threads.close();
    }

    @Override
    public Bindings bindings() {
        return ConformanceOperations.TABLE.bind()
                .to(ConformanceOperations.CONFORMANCE_ECHO, (_, fields) -> fields)
                .to(ConformanceOperations.CONFORMANCE_ROTATE, this::rotate)
                .to(ConformanceOperations.CONFORMANCE_WAIT, this::pause)
                .to(ConformanceOperations.CONFORMANCE_EVENTS, this::events)
                .to(ConformanceOperations.CONFORMANCE_DATA, this::data)
                .done();
    }

    private Done rotate(Caller caller, None nothing) throws Refused {
        Bytes session = caller.session();
        later(() -> {
            try {
                node.rotate(session);
            } catch (Refused | IOException failed) {
                LOG.log(Level.INFO, "no rotation of session {0}: {1}", session.toHex(), failed.getMessage());
            }
        });
        return Done.DONE;
    }

    private Done pause(Caller caller, Pause pause) throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        caller.onSessionEnd(ended::countDown);
        ended.await(pause.ms(), TimeUnit.MILLISECONDS);
        return Done.DONE;
    }

    private Counted events(Caller caller, EventsWanted wanted) throws Refused {
        CountDownLatch ended = new CountDownLatch(1);
        caller.onSessionEnd(ended::countDown);
        later(() -> {
            for (int i = 0; i < wanted.n(); i++) {
                if (i > 0 && ended.await(wanted.everyMs(), TimeUnit.MILLISECONDS)
                        || !caller.emit(ConformanceOperations.CONFORMANCE_EVENTS,
                        new Counted(Optional.of(i)))) {
                    return;
                }
            }
        });
        return new Counted(Optional.empty());
    }

    private Data data(Caller caller, BytesWanted wanted) {
        byte[] data = new byte[wanted.n()];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) i;
        }
        return new Data(Bytes.wrap(data));
    }

    /** What goes on beside the answer; it may come before or after it. */
    private interface Work {

        void run() throws InterruptedException;
    }

    private void later(Work work) throws Refused {
        try {
            threads.execute(() -> {
                try {
                    work.run();
                } catch (InterruptedException stopped) {
                    LOG.log(Level.DEBUG, "stopped before all was done");
                }
            });
        } catch (RejectedExecutionException stopped) {
            throw Refused.unavailable("the operations for tests are being stopped");
        }
    }
}
