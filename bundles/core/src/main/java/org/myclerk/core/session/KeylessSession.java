package org.myclerk.core.session;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Envelope;
import org.myclerk.api.payload.Payload;
import org.myclerk.core.frame.Flags;
import org.myclerk.core.frame.Frame;
import org.myclerk.core.frame.PlainFrames;

/**
 * What comes over one link without encryption (profile §16): frames of tier 1, and a tier-2 session without
 * keys. Each frame is judged alone, by the operator's rules; nobody knows who sent it. Bytes in, values out.
 * Confined to one thread at a time.
 */
public final class KeylessSession {

    private static final int PROFILE = 1;

    /** Where its values go. */
    public interface Output {

        /** A frame to send. */
        void frame(byte[] frame);

        /** A message that a rule permits. Nobody has looked whether its operation may have that tier. */
        void message(Tier tier, int operation, Payload payload);
    }

    private final Settings settings;
    private final PlaintextRules rules;
    private final Admission admission;
    private final InetAddress address;
    private final RandomGenerator random;
    private final Output out;
    private int sessionId;
    private int sequence;

    /**
     * @param rules those for this link
     * @param address of the peer, for the limits per address
     */
    public KeylessSession(Settings settings, PlaintextRules rules, Admission admission, InetAddress address,
            RandomGenerator random, Output out) {
        this.settings = settings;
        this.rules = rules;
        this.admission = admission;
        this.address = address;
        this.random = random;
        this.out = out;
    }

    /** Whether a frame is one for this class, as far as its first byte tells. */
    public static boolean isPlain(byte[] buffer, int offset, int length) {
        try {
            Flags flags = Flags.decode(buffer[offset]);
            return length > 0 && !flags.encrypted() && flags.tier().below(Tier.T3);
        } catch (Malformed noFrame) {
            return false;
        }
    }

    /** Whether there is a session at tier 2. */
    public boolean isOpen() {
        return sessionId != 0;
    }

    /**
     * One frame of the peer.
     *
     * @return whether it was taken: a message that is permitted, or one that began a session
     * @throws Malformed if it breaks a rule: it is dropped, and an ordered connection ends, without a word
     */
    public boolean receive(byte[] buffer, int offset, int length, long now) throws Malformed {
        Frame frame = Frame.parse(Bytes.copyOf(buffer, offset, length).toArray(), 0, length);
        if (frame.flags().encrypted() || !frame.tier().below(Tier.T3)) {
            throw new Malformed("not plaintext, or not here");
        }
        PlainFrames.checkTrailer(frame);
        if (frame.operation() == Handshake.SESSION_INIT) {
            return init(frame, now);
        }
        if (frame.tier() == Tier.T2 && (!isOpen() || frame.sessionId() != sessionId)) {
            throw new Malformed("unknown session %d".formatted(frame.sessionId()));
        }
        if (!rules.name(frame.operation())) {
            throw new Malformed("no rule permits 0x%04X in plaintext".formatted(frame.operation()));
        }
        Payload payload = Handshake.decode(frame);
        if (!rules.admit(frame.operation(), now)) {
            return false;
        }
        if (!payload.envelope().isResponse() && payload.envelope().follow() == 0) {
            out.message(frame.tier(), frame.operation(), payload);
        }
        return true;
    }

    /** SESSION_INIT, with the checks of profile §11 and no key exchange behind it. */
    private boolean init(Frame frame, long now) throws Malformed {
        if (frame.tier() != Tier.T2 || frame.sessionId() != 0 || frame.sequence() != 0 || isOpen()) {
            throw new Malformed("no first frame of a session");
        }
        if (!admission.handshake(address, now)) {
            return false;
        }
        SessionInit init;
        Payload payload = null;
        try {
            payload = Handshake.decode(frame);
            init = CoreOperations.SESSION_INIT.request().read(payload);
        } catch (Malformed | Refused wrong) {
            refuse(payload == null ? null : Refusals.echo(payload));
            throw new Malformed(wrong.getMessage());
        }
        long off = Math.abs(settings.clock().unixSeconds() - init.timestamp());
        if (off > settings.clock().toleranceSeconds(settings.limits().skewSeconds())) {
            throw new Malformed("its clock is %d s off".formatted(off));
        }
        if (init.profile() != PROFILE) {
            refuse(init.nonce());
            throw new Malformed("profile %d".formatted(init.profile()));
        }
        sessionId = SessionIds.PER_CONNECTION.next(random);
        byte[] nonce = new byte[8];
        random.nextBytes(nonce);
        SessionAck ack = new SessionAck(sessionId, Bytes.wrap(nonce), Tier.T2.number(),
                init.capabilities().map(_ -> List.of()), init.nonce(), Optional.empty());
        send(Handshake.SESSION_ACK, sessionId,
                Handshake.encode(CoreOperations.SESSION_ACK.answer(), Envelope.NONE, ack));
        return true;
    }

    private void refuse(Bytes echo) {
        send(Handshake.SESSION_ACK, 0, Refusals.write(echo, ErrorCode.BAD_REQUEST, null));
    }

    /** Sends an answer, if its request came at tier 2; tier 1 gets none. */
    public void answer(Outgoing message) {
        if (message.tier() == Tier.T2 && isOpen()) {
            send(message.operation(), sessionId, message.payload());
        }
    }

    private void send(int operation, int session, byte[] payload) {
        out.frame(PlainFrames.write(Tier.T2, operation, sequence++ & 0xFF, session, 0, 0, null, payload));
    }
}
