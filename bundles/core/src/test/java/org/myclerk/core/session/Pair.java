package org.myclerk.core.session;

import java.security.SecureRandom;
import java.util.List;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Fatal;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Envelope;
import org.myclerk.core.crypto.Wired;
import org.myclerk.core.frame.Layout;
import org.myclerk.core.frame.SealingHalf;

/** Two ends of one link, and what they share. */
final class Pair {

    static final long NOW = 5_000_000;

    final End.Clock clock = new End.Clock();
    final TestNode initiatorNode;
    final TestNode responderNode;
    final TicketKeys tickets = new TicketKeys(new SecureRandom());
    Settings initiatorSettings = new Settings(Tier.T5, Tier.T3, Settings.CAPABILITIES, Limits.DEFAULT, clock,
            Wired.JDK);
    Settings responderSettings = new Settings(Tier.T5, Tier.T3, Settings.CAPABILITIES, Limits.DEFAULT, clock,
            Wired.OTHER);
    Admission admission = new Admission(Limits.DEFAULT);
    Line line = Line.TCP;
    Wish wish;
    Trust initiatorTrust;
    End i;
    End r;

    Pair() {
        this(TestNode.member(1), TestNode.member(2));
    }

    Pair(TestNode initiatorNode, TestNode responderNode) {
        this.initiatorNode = initiatorNode;
        this.responderNode = responderNode;
        this.initiatorTrust = initiatorNode;
        this.wish = Wish.any(initiatorSettings);
    }

    Pair tiers(Tier most, Tier least) {
        wish = wish.tiers(most, least);
        return this;
    }

    Pair line(Line other) {
        line = other;
        return this;
    }

    Pair limits(Limits limits) {
        responderSettings = responderSettings.with(limits);
        initiatorSettings = initiatorSettings.with(limits);
        admission = new Admission(limits);
        return this;
    }

    Pair capabilities(Long... ofResponder) {
        responderSettings = new Settings(responderSettings.maximum(), responderSettings.minimum(),
                List.of(ofResponder), responderSettings.limits(), clock, Wired.OTHER);
        return this;
    }

    Pair responder(Tier maximum, Tier minimum) {
        responderSettings = new Settings(maximum, minimum, responderSettings.capabilities(),
                responderSettings.limits(), clock, Wired.OTHER);
        return this;
    }

    /** Both ends, nothing sent yet but the first frame. */
    Pair start() {
        i = End.initiator(initiatorSettings, initiatorNode, initiatorTrust, wish, line, new SecureRandom());
        r = End.responder(responderSettings, responderNode, tickets, admission, line, new SecureRandom());
        r.session.start(NOW);
        i.session.start(NOW);
        return this;
    }

    Pair shake() {
        start();
        End.pump(i, r, NOW);
        return this;
    }

    /** Both ends with an open session. */
    static Pair open(Tier tier) {
        return new Pair().tiers(tier, tier).open();
    }

    Pair open() {
        shake();
        if (!i.session.isOpen() || !r.session.isOpen() || !i.confirmed) {
            throw new AssertionError("not open: " + i.ended + ", " + r.ended);
        }
        return this;
    }

    void pump() {
        End.pump(i, r, NOW);
    }

    void pump(long now) {
        End.pump(i, r, now);
    }

    /** Seals anything with the keys of one end. */
    byte[] forge(End from, Tier tier, int operation, boolean compressed, boolean fragmented, byte[] key,
            byte[] plaintext) {
        return forge(from.session.traffic.sending(), from.established.sessionId(), tier, operation,
                compressed, fragmented, key, plaintext);
    }

    byte[] forge(SealingHalf half, int sessionId, Tier tier, int operation, boolean compressed,
            boolean fragmented, byte[] key, byte[] plaintext) {
        byte[] frame = new byte[plaintext.length + Layout.sealedOverhead(tier)];
        System.arraycopy(plaintext, 0, frame, Layout.header(tier), plaintext.length);
        try {
            half.seal(frame, 0, tier, operation, compressed, fragmented, sessionId, clock.seconds, key,
                    plaintext.length);
        } catch (Fatal exhausted) {
            throw new AssertionError(exhausted);
        }
        return frame;
    }

    byte[] forge(End from, Tier tier, int operation, byte[] payload) {
        return forge(from, tier, operation, false, false, null, payload);
    }

    /** Both ends still work. */
    void check() {
        long rid = i.session.nextRid();
        i.send(NOW, End.request(i.established.tier(), 0x0600, rid, "data", Bytes.wrap(new byte[3])));
        pump();
        if (r.ended != null || r.messages.isEmpty() || r.lastMessage().rid() != rid) {
            throw new AssertionError("request did not arrive: " + r.ended);
        }
        int before = i.messages.size();
        r.send(NOW, new Outgoing(r.established.tier(), 0x0600,
                End.payload(Envelope.response(rid, ErrorCode.OK)), false));
        pump();
        if (i.ended != null || i.messages.size() != before + 1) {
            throw new AssertionError("response did not arrive: " + i.ended);
        }
    }
}
