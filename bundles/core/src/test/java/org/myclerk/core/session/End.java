package org.myclerk.core.session;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Envelope;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.MessagePackWriter;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.core.crypto.Wired;

/** One end of a session with everything it gave out. */
final class End implements Output {

    static final long TIME = 1_767_225_600L;

    /** A message that arrived. */
    record Message(Tier tier, int operation, Payload payload) {
        long rid() {
            return payload.envelope().rid();
        }

        ErrorCode status() {
            return payload.envelope().status();
        }
    }

    Session session;
    final ArrayDeque<byte[]> frames = new ArrayDeque<>();
    final List<Message> messages = new ArrayList<>();
    final List<Outgoing> unsendable = new ArrayList<>();
    final List<Long> unanswered = new ArrayList<>();
    final List<Long> rotations = new ArrayList<>();
    Established established;
    Ticket ticket;
    Ended ended;
    boolean confirmed;
    boolean held;
    boolean congested;
    /** What this end does with a message, before it is noted. */
    Consumer<Message> reaction = _ -> { };

    /** A clock that a test sets. */
    static final class Clock implements WallClock {
        long seconds = TIME;
        long tolerance = -1;
        int looks;

        @Override
        public long unixSeconds() {
            looks++;
            return seconds;
        }

        @Override
        public long toleranceSeconds(long limit) {
            return tolerance < 0 ? WallClock.super.toleranceSeconds(limit) : tolerance;
        }
    }

    static Settings settings(Tier maximum, Tier minimum) {
        return new Settings(maximum, minimum, Settings.CAPABILITIES, Limits.DEFAULT, new Clock(), Wired.JDK);
    }

    static InetAddress address(int last) {
        try {
            return InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) last});
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    static End initiator(Settings settings, TestNode node, Wish wish, Line line, RandomGenerator random) {
        return initiator(settings, node, node, wish, line, random);
    }

    static End initiator(Settings settings, Credentials credentials, Trust trust, Wish wish, Line line,
            RandomGenerator random) {
        End end = new End();
        end.session = Session.initiate(settings, credentials, trust, wish, line, random, end);
        return end;
    }

    static End responder(Settings settings, TestNode node, TicketKeys tickets, Admission admission, Line line,
            RandomGenerator random) {
        End end = new End();
        end.session = Session.respond(settings, node, node, tickets, admission, address(1), line, random, end,
                () -> end.session.linkEnded());
        return end;
    }

    static End responder(Settings settings, TestNode node) {
        return responder(settings, node, new TicketKeys(new SecureRandom()),
                new Admission(settings.limits()), Line.TCP, new SecureRandom());
    }

    @Override
    public void frame(byte[] buffer, int offset, int length) {
        frames.add(Arrays.copyOfRange(buffer, offset, offset + length));
    }

    @Override
    public boolean congested() {
        return congested;
    }

    @Override
    public void opened(Established opened) {
        established = opened;
    }

    @Override
    public void confirmed() {
        confirmed = true;
    }

    @Override
    public void ticket(Ticket given) {
        assertFalse(confirmed, "whoever waits for the confirmation would not find the ticket");
        ticket = given;
    }

    @Override
    public void message(Tier tier, int operation, Payload payload) {
        Message message = new Message(tier, operation, payload);
        reaction.accept(message);
        messages.add(message);
    }

    @Override
    public void unsendable(Outgoing message) {
        unsendable.add(message);
    }

    @Override
    public void unanswered(long rid) {
        unanswered.add(rid);
    }

    @Override
    public void rotated(long generation) {
        rotations.add(generation);
    }

    @Override
    public boolean held() {
        return held;
    }

    @Override
    public void closed(Ended how) {
        if (ended != null) {
            throw new AssertionError("closed twice: " + ended + ", " + how);
        }
        ended = how;
    }

    byte[] next() {
        byte[] frame = frames.poll();
        if (frame == null) {
            throw new AssertionError("no frame; ended: " + ended);
        }
        return frame;
    }

    Message lastMessage() {
        return messages.getLast();
    }

    void receive(byte[] frame, long now) {
        session.receive(frame, 0, frame.length, now);
    }

    void send(long now, Outgoing... messages) {
        ArrayDeque<Outgoing> queue = new ArrayDeque<>(List.of(messages));
        session.seal(queue, now);
        if (!queue.isEmpty() && !congested && ended == null) {
            throw new AssertionError(queue.size() + " messages stayed");
        }
    }

    /** Moves frames between two ends until none is left. */
    static void pump(End one, End other, long now) {
        while (!one.frames.isEmpty() || !other.frames.isEmpty()) {
            while (!one.frames.isEmpty()) {
                other.receive(one.frames.poll(), now);
            }
            while (!other.frames.isEmpty()) {
                one.receive(other.frames.poll(), now);
            }
        }
    }

    static byte[] payload(Envelope envelope, Object... keysAndValues) {
        LinkedHashMap<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        MessagePackWriter out = new MessagePackWriter();
        PayloadCodec.of(Fields.class).write(out, envelope, Fields.of(map));
        return out.toBytes().toArray();
    }

    static Outgoing request(Tier tier, int operation, long rid, Object... keysAndValues) {
        return new Outgoing(tier, operation, payload(Envelope.request(rid), keysAndValues), false);
    }

    static Outgoing event(Tier tier, int operation, Object... keysAndValues) {
        return new Outgoing(tier, operation, payload(Envelope.NONE, keysAndValues), false);
    }

    static Bytes bytes(Message message) {
        return message.payload().bytes();
    }
}
