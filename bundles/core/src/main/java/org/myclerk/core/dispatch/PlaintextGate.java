package org.myclerk.core.dispatch;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Envelope;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.transport.Link;
import org.myclerk.api.transport.LinkHandler;
import org.myclerk.core.crypto.VerifyingKey;
import org.myclerk.core.frame.Layout;
import org.myclerk.core.session.Admission;
import org.myclerk.core.session.Identity;
import org.myclerk.core.session.KeylessSession;
import org.myclerk.core.session.Outgoing;
import org.myclerk.core.session.PlaintextRules;
import org.myclerk.core.session.Session;
import org.myclerk.core.session.Settings;

/**
 * A link from a network that may send plaintext (profile §16). If its first frame is plaintext, nothing else
 * is taken from it; otherwise it becomes a {@link Connection} like any other.
 */
public final class PlaintextGate implements LinkHandler {

    private static final Logger LOG = System.getLogger("org.myclerk.core");
    private static final int RECEIVE_LIMIT_CLOSED = 2048;
    private static final int LARGEST_FRAME = 65_535;
    private static final Identity ANONYMOUS = new Identity(Bytes.EMPTY, "anonymous", Set.of(), Bytes.EMPTY,
            0, 0, new VerifyingKey(Bytes.EMPTY), Bytes.EMPTY);

    private final Link link;
    private final Dispatcher dispatcher;
    private final Settings settings;
    private final Admission admission;
    private final Supplier<Connection> keyed;
    private final KeylessSession session;
    private final InboundCalls requests;
    private final Channel channel = new Anonymous();
    private final Admission.HalfOpen halfOpen;
    private Link.Timer timer;
    private boolean admitted;
    private boolean ended;
    private LinkHandler connection;

    /**
     * Called on the link's loop.
     *
     * @param rules those for this link's listener and source, not empty
     * @param keyed makes and starts the connection if the peer wants a session with keys
     */
    public PlaintextGate(Link link, Dispatcher dispatcher, Settings settings, PlaintextRules rules,
            Admission admission, RandomGenerator random, Supplier<Connection> keyed) {
        this.link = link;
        this.dispatcher = dispatcher;
        this.settings = settings;
        this.admission = admission;
        this.keyed = keyed;
        this.requests = new InboundCalls(settings.limits().requests());
        this.session =
                new KeylessSession(settings, rules, admission, link.address(), random, new FromSession());
        link.receiveLimit(RECEIVE_LIMIT_CLOSED);
        halfOpen = admission.begin(link.address(), () -> link.execute(link::close));
        within(settings.limits().handshake());
    }

    private void within(Duration time) {
        if (timer != null) {
            timer.cancel();
        }
        timer = link.schedule(time, link::close);
    }

    @Override
    public void received(byte[] buffer, int offset, int length) {
        if (connection == null && !admitted && !KeylessSession.isPlain(buffer, offset, length)) {
            timer.cancel();
            halfOpen.done();
            connection = keyed.get();
        }
        if (connection != null) {
            connection.received(buffer, offset, length);
        } else if (!ended) {
            plain(buffer, offset, length);
        }
    }

    private void plain(byte[] buffer, int offset, int length) {
        try {
            if (session.receive(buffer, offset, length, Connection.now(link))) {
                admit();
            }
        } catch (Malformed wrong) {
            LOG.log(Level.DEBUG, "plaintext from {0} is not taken: {1}", link.remote(), wrong.getMessage());
            ended = true;
            link.close();
        }
    }

    /** From the first message that a rule permits the link counts as a session. */
    private void admit() {
        if (!admitted) {
            halfOpen.done();
            admitted = admission.open(Bytes.EMPTY);
            ended = !admitted;
        }
        if (ended) {
            link.close();
        } else {
            within(settings.limits().idle());
        }
    }

    @Override
    public void drained() {
        if (connection != null) {
            connection.drained();
        } else {
            requests.stay().leave();
            link.flush();
        }
    }

    @Override
    public void writable() {
        drained();
    }

    @Override
    public void leaving() {
        if (connection != null) {
            connection.leaving();
        }
    }

    @Override
    public void closed(IOException cause) {
        if (connection != null) {
            connection.closed(cause);
            return;
        }
        timer.cancel();
        halfOpen.done();
        requests.abandonAll();
        if (admitted) {
            admission.close(Bytes.EMPTY);
        }
    }

    private final class FromSession implements KeylessSession.Output {

        @Override
        public void frame(byte[] frame) {
            link.receiveLimit(session.isOpen() ? LARGEST_FRAME : RECEIVE_LIMIT_CLOSED);
            link.send(frame, 0, frame.length);
        }

        @Override
        public void message(Tier tier, int operation, Payload payload) {
            dispatcher.anonymous(channel, requests, tier, operation, payload);
        }
    }

    /** The way back to somebody unknown: an answer to what came at tier 2, and nothing else. */
    private final class Anonymous implements Channel {

        @Override
        public Identity identity() {
            return ANONYMOUS;
        }

        @Override
        public Bytes uid() {
            return Bytes.EMPTY;
        }

        @Override
        public boolean put(Outgoing message) {
            return false;
        }

        @Override
        public boolean offer(Outgoing message) {
            return false;
        }

        @Override
        public boolean answer(Outgoing message) {
            link.execute(() -> session.answer(message));
            return true;
        }

        @Override
        public <T> int direct(Tier tier, int operation, boolean compressible, PayloadCodec<T> codec,
                Envelope envelope, T value) {
            return Session.NOT_NOW;
        }

        @Override
        public int largestPayload() {
            return LARGEST_FRAME - Layout.header(Tier.T2) - Layout.trailer(Tier.T2);
        }

        @Override
        public Peer peer() {
            throw new IllegalStateException("nobody is known to have sent this");
        }

        @Override
        public void onEnd(Runnable task) {
            task.run();
        }
    }
}
