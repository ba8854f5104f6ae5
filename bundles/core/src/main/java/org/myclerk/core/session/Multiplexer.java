package org.myclerk.core.session;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.random.RandomGenerator;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Payload;
import org.myclerk.core.frame.Frame;

/**
 * The responder's sessions behind one address of an unordered transport (profile §3, §15, §17): one UDP
 * socket, one NATS or Matrix address. It finds the session of a frame, answers repeated first frames with the
 * same bytes, follows a peer whose address changes, and sends no more than three times what came from an
 * address that is not proven. Confined to one thread, as its sessions are.
 *
 * @param <A> a peer's address; compares by value
 */
public final class Multiplexer<A> {

    private static final int AMPLIFICATION = 3;
    private static final long REPEAT_MILLIS = 10_000;
    private static final long PROBE_MILLIS = 1_000;
    private static final int SESSION_IDS = 65_535;

    /** What the multiplexer needs of its transport and its node. */
    public interface Owner<A> {

        /** Sends a frame; the bytes change after the return. */
        void send(A to, byte[] buffer, int offset, int length);

        /** The network address, for limits per address. */
        InetAddress network(A from);

        /** Where the values of a new session go; its {@link Output#frame} is not called. */
        Output accept(Session session, A from);
    }

    private final Settings settings;
    private final Credentials credentials;
    private final Trust trust;
    private final TicketKeys tickets;
    private final Admission admission;
    private final Line line;
    private final RandomGenerator random;
    private final Owner<A> owner;
    private final Map<Integer, Entry> sessions = new HashMap<>();
    private final Map<Bytes, First> firsts = new HashMap<>();
    private final Queue<Entry> dropped = new ConcurrentLinkedQueue<>();
    private long unknown;

    public Multiplexer(Settings settings, Credentials credentials, Trust trust, TicketKeys tickets,
            Admission admission, Line line, RandomGenerator random, Owner<A> owner) {
        this.settings = settings;
        this.credentials = credentials;
        this.trust = trust;
        this.tickets = tickets;
        this.admission = admission;
        this.line = line;
        this.random = random;
        this.owner = owner;
    }

    /** The answers to a first frame. */
    private final class First {
        final A from;
        final List<byte[]> answers = new ArrayList<>();
        final long until;

        First(A from, long now) {
            this.from = from;
            this.until = now + REPEAT_MILLIS;
        }
    }

    /** A peer's address and how far it is believed. */
    private final class Path {
        final A address;
        long received;
        long sent;
        boolean proven;

        Path(A address) {
            this.address = address;
        }

        void send(byte[] buffer, int offset, int length) {
            if (proven || sent + length <= AMPLIFICATION * received) {
                sent += length;
                owner.send(address, buffer, offset, length);
            }
        }
    }

    /** One session; between it and its output it directs the frames. */
    private final class Entry implements Output {
        final A from;
        Session session;
        First first;
        Path path;
        private Output output;
        private Admission.HalfOpen halfOpen;
        /** Whether the peer came from a new address that is not proven yet. */
        private boolean moved;
        private long probedAt;
        /**
         * Where a frame came from that may move the session there, and how many frames had opened before it.
         */
        private Path candidate;
        private long heardBefore;

        Entry(A from) {
            this.from = from;
        }

        private Output output() {
            if (output == null) {
                output = owner.accept(session, from);
            }
            return output;
        }

        void beginHalfOpen() {
            halfOpen = admission.begin(owner.network(from), () -> dropped.add(this));
        }

        void receive(A source, byte[] buffer, int offset, int length, long now) {
            boolean elsewhere = !source.equals(path.address);
            if (elsewhere) {
                candidate = new Path(source);
                candidate.received = length;
                heardBefore = session.heard();
            } else {
                path.received += length;
            }
            long answers = session.keepaliveAnswers();
            session.receive(buffer, offset, length, now);
            if (elsewhere) {
                moveIfDue();
                candidate = null;
            }
            if (!moved || !path.address.equals(source) || !session.isOpen()) {
                return;
            }
            if (session.keepaliveAnswers() > answers) {
                moved = false;
                path.proven = true;
            } else if (elsewhere || now - probedAt >= PROBE_MILLIS) {
                probedAt = now;
                session.sendKeepalive(now);
            }
        }

        /** Takes the new address over once the frame from there has opened and is the newest. */
        private void moveIfDue() {
            if (candidate != null && session.heard() > heardBefore && session.openedNewest()) {
                path = candidate;
                candidate = null;
                moved = true;
            }
        }

        @Override
        public void frame(byte[] buffer, int offset, int length) {
            moveIfDue();
            if (first != null) {
                first.answers.add(Bytes.copyOf(buffer, offset, length).toArray());
            }
            if (!moved && session.addressProven()) {
                path.proven = true;
            }
            path.send(buffer, offset, length);
        }

        @Override
        public boolean congested() {
            return output().congested();
        }

        @Override
        public void opened(Established opened) {
            if (halfOpen != null) {
                halfOpen.done();
            }
            output().opened(opened);
        }

        @Override
        public void message(Tier tier, int operation, Payload payload) {
            output().message(tier, operation, payload);
        }

        @Override
        public void unsendable(Outgoing message) {
            output().unsendable(message);
        }

        @Override
        public void unanswered(long rid) {
            output().unanswered(rid);
        }

        @Override
        public void rotated(long generation) {
            output().rotated(generation);
        }

        @Override
        public boolean held() {
            return output().held();
        }

        @Override
        public void closed(Ended ended) {
            if (halfOpen != null) {
                halfOpen.done();
            }
            sessions.remove(session.sessionId(), this);
            if (output != null) {
                output.closed(ended);
            }
        }
    }

    /** One frame that came from somewhere. */
    public void receive(A from, byte[] buffer, int offset, int length, long now) {
        endDropped();
        int sessionId;
        try {
            sessionId = Frame.parse(buffer, offset, length).sessionId();
        } catch (Malformed noFrame) {
            unknown++;
            return;
        }
        if (sessionId == 0) {
            first(from, Bytes.copyOf(buffer, offset, length), now);
            return;
        }
        Entry entry = sessions.get(sessionId);
        if (entry == null || !entry.session.isOpen() && !from.equals(entry.path.address)) {
            unknown++;
        } else {
            entry.receive(from, buffer, offset, length, now);
        }
    }

    private void first(A from, Bytes frame, long now) {
        First known = firsts.get(frame);
        if (known != null && now < known.until) {
            if (known.from.equals(from)) {
                known.answers.forEach(answer -> owner.send(from, answer, 0, answer.length));
            }
            return;
        }
        if (sessions.size() >= SESSION_IDS) {
            return;
        }
        Entry entry = new Entry(from);
        entry.path = new Path(from);
        entry.path.received = frame.length();
        entry.first = new First(from, now);
        entry.session = Session.respond(settings, credentials, trust, tickets, admission, owner.network(from),
                line, random, entry, this::freeId);
        entry.session.start(now);
        byte[] own = frame.toArray();
        entry.session.receive(own, 0, own.length, now);
        boolean answered = !entry.first.answers.isEmpty();
        if (answered) {
            firsts.put(frame, entry.first);
        }
        entry.first = null;
        if (!answered) {
            entry.session.linkEnded();
        } else if (!entry.session.isClosed()) {
            sessions.put(entry.session.sessionId(), entry);
            if (!entry.session.isOpen()) {
                entry.beginHalfOpen();
                endDropped();
            }
        }
    }

    private int freeId(RandomGenerator generator) {
        int id;
        do {
            id = SessionIds.draw(generator);
        } while (id == 0 || sessions.containsKey(id));
        return id;
    }

    private void endDropped() {
        for (Entry entry = dropped.poll(); entry != null; entry = dropped.poll()) {
            entry.session.end(Ended.limit("too many handshakes at once"));
        }
    }

    /** Does what time brings in every session. */
    public void tick(long now) {
        endDropped();
        for (Entry entry : List.copyOf(sessions.values())) {
            entry.session.tick(now);
        }
        for (Iterator<First> i = firsts.values().iterator(); i.hasNext();) {
            if (now >= i.next().until) {
                i.remove();
            }
        }
    }

    /** When {@link #tick} is due next, or {@code Long.MAX_VALUE}. */
    public long nextTick() {
        long next = Long.MAX_VALUE;
        for (Entry entry : sessions.values()) {
            next = Math.min(next, entry.session.nextTick());
        }
        for (First first : firsts.values()) {
            next = Math.min(next, first.until);
        }
        return next;
    }

    public int sessionCount() {
        return sessions.size();
    }

    /** Frames that belong to no session. */
    public long unknown() {
        return unknown;
    }
}
