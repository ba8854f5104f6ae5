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
 * The responder's sessions behind one address of an unordered transport (profile §3, §15, §17): one UDP socket, one NATS or
 * Matrix address. It finds the session of a frame, answers repeated first frames with the same bytes, follows a peer whose
 * address changes, and sends no more than three times what came from an address that is not proven. Confined to one thread,
 * as its sessions are.
 *
 * @param <A> a peer's address; compares by value
 */
public final class Multiplexer<A> {

    private static final int AMPLIFICATION = 3;
    private static final long REPEAT_MILLIS = 10_000;
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

    public Multiplexer(Settings settings, Credentials credentials, Trust trust, TicketKeys tickets, Admission admission,
            Line line, RandomGenerator random, Owner<A> owner) {
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
        Session session;
        Output output;
        Admission.HalfOpen halfOpen;
        First first;
        Path path;
        /** The number of keepalive answers that proves a new address. */
        long provenAt = -1;

        @Override
        public void frame(byte[] buffer, int offset, int length) {
            if (first != null) {
                first.answers.add(Bytes.copyOf(buffer, offset, length).toArray());
            }
            if (session.addressProven() && provenAt < 0) {
                path.proven = true;
            }
            path.send(buffer, offset, length);
        }

        @Override
        public boolean congested() {
            return output.congested();
        }

        @Override
        public void opened(Established opened) {
            halfOpen.done();
            output.opened(opened);
        }

        @Override
        public void message(Tier tier, int operation, Payload payload) {
            output.message(tier, operation, payload);
        }

        @Override
        public void unsendable(Outgoing message) {
            output.unsendable(message);
        }

        @Override
        public void unanswered(long rid) {
            output.unanswered(rid);
        }

        @Override
        public void rotated(long generation) {
            output.rotated(generation);
        }

        @Override
        public boolean held() {
            return output.held();
        }

        @Override
        public void closed(Ended ended) {
            halfOpen.done();
            sessions.remove(session.sessionId(), this);
            output.closed(ended);
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
        if (entry == null) {
            unknown++;
        } else {
            receive(entry, from, buffer, offset, length, now);
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
        Entry entry = new Entry();
        entry.path = new Path(from);
        entry.path.received = frame.length();
        entry.first = new First(from, now);
        entry.session = Session.respond(settings, credentials, trust, tickets, admission, owner.network(from), line,
                random, entry, this::freeId);
        entry.output = owner.accept(entry.session, from);
        entry.halfOpen = admission.begin(owner.network(from), () -> dropped.add(entry));
        entry.session.start(now);
        byte[] own = frame.toArray();
        entry.session.receive(own, 0, own.length, now);
        if (!entry.first.answers.isEmpty()) {
            firsts.put(frame, entry.first);
        }
        boolean answered = !entry.first.answers.isEmpty();
        entry.first = null;
        if (!entry.session.isClosed()) {
            if (answered) {
                sessions.put(entry.session.sessionId(), entry);
            } else {
                entry.session.linkEnded();
            }
        }
        endDropped();
    }

    private int freeId(RandomGenerator generator) {
        if (sessions.size() >= SESSION_IDS) {
            throw new IllegalStateException("all session ids are in use");
        }
        int id;
        do {
            id = SessionIds.draw(generator);
        } while (id == 0 || sessions.containsKey(id));
        return id;
    }

    private void receive(Entry entry, A from, byte[] buffer, int offset, int length, long now) {
        Path believed = entry.path;
        boolean elsewhere = !from.equals(believed.address);
        if (!elsewhere) {
            believed.received += length;
        }
        if (elsewhere && !entry.session.isOpen()) {
            unknown++;
            return;
        }
        long heard = entry.session.heard();
        long answers = entry.session.keepaliveAnswers();
        entry.session.receive(buffer, offset, length, now);
        if (entry.session.isClosed()) {
            return;
        }
        if (elsewhere && entry.session.heard() > heard && entry.session.openedNewest()) {
            entry.path = new Path(from);
            entry.path.received = length;
            entry.provenAt = entry.session.keepaliveAnswers() + 1;
            entry.session.sendKeepalive(now);
        } else if (!elsewhere && entry.provenAt >= 0 && entry.session.keepaliveAnswers() > answers) {
            entry.path.proven = true;
            entry.provenAt = -1;
        }
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
