package org.myclerk.core.session;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.operation.ProtocolException.Fatal;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Envelope;
import org.myclerk.api.payload.MessagePackWriter;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.frame.Frame;
import org.myclerk.core.frame.Layout;
import org.myclerk.core.frame.OpeningHalf;
import org.myclerk.core.frame.PlainFrames;
import org.myclerk.core.frame.SealingHalf;

/** What both sides of a handshake do alike (profile §11, §12). Not thread-safe. */
abstract sealed class Handshake permits InitiatorHandshake, ResponderHandshake {

    static final int SESSION_INIT = 0x0003;
    static final int SESSION_ACK = 0x0004;
    static final int SESSION_RESUME = 0x0007;
    static final int SESSION_RESUMED = 0x0008;
    static final int KEY_EXCHANGE_INIT = 0x0010;
    static final int KEY_EXCHANGE_RESPONSE = 0x0011;
    static final int KEY_EXCHANGE_COMPLETE = 0x0012;

    static final long PROFILE = 1;

    /** A handshake frame that carries a revocation list is not larger, so that it passes every transport. */
    private static final int LARGEST_WITH_REVOCATIONS = 1200;

    final Session session;
    final Settings settings;
    final Credentials credentials;
    final Trust trust;

    Secret ephemeral;
    Secret sessionKey;
    Secret root;
    OpeningHalf opening;
    SealingHalf sealing;

    Handshake(Session session, Credentials credentials, Trust trust) {
        this.session = session;
        this.settings = session.settings();
        this.credentials = credentials;
        this.trust = trust;
    }

    /**
     * Takes a frame. It may end the session.
     *
     * @throws Malformed if the frame is none that this state takes: dropped, or the end of an ordered
     * connection
     */
    abstract void receive(Frame frame, long now) throws Malformed;

    final byte[] random(int length) {
        return Crypto.random(session.random(), length);
    }

    final int random16() {
        byte[] two = random(2);
        return (two[0] & 0xFF) << 8 | two[1] & 0xFF;
    }

    final byte[] newEphemeral() {
        ephemeral = Secret.wrap(random(Crypto.KEY));
        return Crypto.x25519PublicKey(ephemeral.bytes());
    }

    /** The secret of both ephemerals; the own one is used up. */
    final byte[] agree(byte[] peerKey) throws Malformed {
        try {
            return settings.crypto().x25519(ephemeral.bytes(), peerKey);
        } finally {
            ephemeral.erase();
        }
    }

    final long unix() {
        return settings.clock().unixSeconds();
    }

    static Tier keyTier(Tier selected) {
        return selected.atLeast(Tier.T4);
    }

    /**
     * Checks all of a frame without encryption that needs no state: field rules, then trailer, then
     * timestamp.
     */
    final void checkPlain(Frame frame, Tier tier, int operation, int sequence, int sessionId, boolean key)
            throws Malformed {
        if (frame.flags().encrypted() || frame.tier() != tier || frame.operation() != operation
                || frame.sequence() != sequence || frame.sessionId() != sessionId || frame.hasKey() != key) {
            throw new Malformed("not the frame this state takes");
        }
        PlainFrames.checkTrailer(frame);
        session.checkTimestamp(frame);
    }

    /** Opens frame 4 or 5; the fields are checked before. */
    final byte[] open(Frame frame) throws Malformed {
        session.checkTimestamp(frame);
        if (!opening.trailerMatches(frame)) {
            throw new Malformed("trailer does not fit");
        }
        return opening.open(frame);
    }

    static boolean isSealed(Frame frame, Tier tier, int operation, int sessionId, boolean key) {
        return frame.flags().encrypted() && !frame.flags().compressed() && !frame.flags().fragmented()
                && frame.tier() == tier && frame.operation() == operation && frame.sessionId() == sessionId
                && frame.keyId() == 0 && frame.hasKey() == key;
    }

    final byte[] plain(Tier tier, int operation, int sequence, int sessionId, byte[] key, byte[] payload) {
        return PlainFrames.write(tier, operation, sequence, sessionId, unix(), random16(), key, payload);
    }

    final byte[] seal(SealingHalf half, Tier tier, int operation, int sessionId, byte[] key, byte[] payload) {
        byte[] frame = new byte[payload.length + Layout.sealedOverhead(tier)];
        System.arraycopy(payload, 0, frame, Layout.header(tier), payload.length);
        try {
            half.seal(frame, 0, tier, operation, false, false, sessionId, unix(), key, payload.length);
        } catch (Fatal impossible) {
            throw new IllegalStateException(impossible);
        }
        return frame;
    }

    /** The revocation list if a frame with it stays small enough for every transport. */
    final Optional<Bytes> revocations(Tier tier, int payloadWithout) {
        int key = "crl".length() + 1;
        return credentials.revocations().filter(list -> payloadWithout + key + 3 + list.length()
                + Layout.sealedOverhead(tier) <= LARGEST_WITH_REVOCATIONS);
    }

    static <T> byte[] encode(PayloadCodec<T> codec, Envelope envelope, T value) {
        MessagePackWriter out = new MessagePackWriter();
        codec.write(out, envelope, value);
        return out.toBytes().toArray();
    }

    static Payload decode(Frame frame) throws Malformed {
        return Payload.decode(frame.array(), frame.bodyOffset(), frame.bodyLength());
    }

    /**
     * A payload of a frame that is already known to come from the peer, or whose error ends the handshake.
     */
    final <T> T read(PayloadCodec<T> codec, Payload payload) throws Malformed {
        try {
            return codec.read(payload);
        } catch (Refused wrong) {
            throw new Malformed(wrong.getMessage());
        }
    }

    final void end(Ended ended) {
        session.end(ended);
    }

    /** Those of {@code ours} that the peer has as well, ascending. */
    static List<Long> common(List<Long> ours, List<Long> theirs) {
        return ours.stream().filter(theirs::contains).toList();
    }

    /** Overwrites what only the handshake needs. */
    final void erase() {
        if (ephemeral != null) {
            ephemeral.erase();
            ephemeral = null;
        }
        if (sealing != null) {
            sealing.erase();
            sealing = null;
        }
        if (opening != null) {
            opening.erase();
            opening = null;
        }
    }

    /** Overwrites everything, when no session came of it. */
    final void abandon() {
        erase();
        if (sessionKey != null) {
            sessionKey.erase();
            root.erase();
        }
    }
}
