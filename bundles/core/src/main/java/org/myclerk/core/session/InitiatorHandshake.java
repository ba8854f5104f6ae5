package org.myclerk.core.session;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Envelope;
import org.myclerk.api.payload.Payload;
import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.crypto.TrafficKeys;
import org.myclerk.core.crypto.Transcript;
import org.myclerk.core.frame.Frame;
import org.myclerk.core.frame.OpeningHalf;
import org.myclerk.core.frame.SealingHalf;

/** The side that starts a session (profile §11, §12). Not thread-safe. */
final class InitiatorHandshake extends Handshake {

    private enum State { IDLE, WAIT_ACK, WAIT_KEY, WAIT_RESUMED, DONE }

    private final Wish wish;
    private State state = State.IDLE;
    private Bytes nonce;
    private Transcript transcript;
    private byte[] publicKey;
    private Ticket ticket;
    private Tier selected;
    private List<Long> capabilities = List.of();
    private int sessionId;
    private Bytes responderNonce;
    private boolean keyShared;
    private Ended lastRefusal;

    InitiatorHandshake(Session session, Credentials credentials, Trust trust, Wish wish) {
        super(session, credentials, trust);
        this.wish = wish;
    }

    /** What the peer said, when nothing better came: refusals on unordered transports may be forged. */
    Optional<Ended> lastRefusal() {
        return Optional.ofNullable(lastRefusal);
    }

    void start() {
        nonce = Bytes.wrap(random(8));
        if (wish.ticket().filter(this::good).isPresent()) {
            ticket = wish.ticket().get();
            resume();
        } else {
            init();
        }
    }

    private boolean good(Ticket candidate) {
        long now = unix();
        return now < candidate.expires() && trust.stillValid(candidate.peer(), now)
                && wish.expectedNode().map(candidate.peer().node()::equals).orElse(true);
    }

    private void init() {
        byte[] payload = encode(CoreOperations.SESSION_INIT.request(), Envelope.NONE, new SessionInit(nonce,
                unix(),
                offered(), PROFILE, wish.preSharedKey().map(Trust.PreSharedKey::id), Optional.empty()));
        byte[] frame = plain(wish.wanted(), SESSION_INIT, 0, 0, null, payload);
        transcript = Transcript.handshake().with(frame);
        state = State.WAIT_ACK;
        session.emit(frame);
    }

    private Optional<List<Long>> offered() {
        return wish.capabilities().isEmpty() ? Optional.empty() : Optional.of(wish.capabilities());
    }

    private void resume() {
        Tier tier = keyTier(wish.wanted());
        publicKey = newEphemeral();
        byte[] payload = encode(CoreOperations.SESSION_RESUME.request(), Envelope.NONE,
                new SessionResume(ticket.sessionId(), ticket.ticket(), ticket.iv(), ticket.tag(), nonce,
                unix(),
                        wish.wanted().number(), offered(), Bytes.wrap(new byte[32])));
        byte[] unbound = plain(tier, SESSION_RESUME, 0, 0, publicKey, payload);
        byte[] frame = Binder.bind(unbound, ticket.secret());
        transcript = Transcript.resumption().with(frame);
        state = State.WAIT_RESUMED;
        session.emit(frame);
    }

    @Override
    void receive(Frame frame, long now) throws Malformed {
        switch (state) {
            case WAIT_ACK -> acknowledged(frame);
            case WAIT_KEY -> keyReceived(frame, now);
            case WAIT_RESUMED -> resumed(frame, now);
            case IDLE, DONE -> throw new Malformed("nothing is expected");
        }
    }

    private void acknowledged(Frame frame) throws Malformed {
        Payload payload = answer(frame, SESSION_ACK, wish.wanted(), false);
        if (payload == null) {
            return;
        }
        SessionAck ack = read(CoreOperations.SESSION_ACK.answer(), payload);
        if (ack.sessionId() != frame.sessionId()) {
            throw new Malformed("session id differs from the header's");
        }
        checkChoice(ack.echo(), ack.selectedTier(), ack.selectedCapabilities());
        if (ack.pskId().isPresent() && !ack.pskId().equals(wish.preSharedKey().map(Trust.PreSharedKey::id))) {
            throw new Malformed("a pre-shared key that was not offered");
        }
        keyShared = ack.pskId().isPresent();
        if (wish.keyRequired() && !keyShared) {
            end(Ended.untrusted("the peer does not have this key: an invitation is used up or expired"));
            return;
        }
        sessionId = ack.sessionId();
        responderNonce = ack.nonce();
        transcript = transcript.with(frame.bytes().toArray());
        publicKey = newEphemeral();
        byte[] third = plain(keyTier(selected), KEY_EXCHANGE_INIT, 1, sessionId, publicKey,
                encode(CoreOperations.KEY_EXCHANGE_INIT.request(), Envelope.NONE,
                        new KeyExchangeInit(Bytes.wrap(transcript.hash()))));
        transcript = transcript.with(third);
        state = State.WAIT_KEY;
        session.emit(third);
    }

    /** Checks frame 2 up to its status. @return {@code null} if it was a refusal, which is dealt with */
    private Payload answer(Frame frame, int operation, Tier tier, boolean key) throws Malformed {
        boolean refusal = frame.sessionId() == 0;
        checkPlain(frame, tier, operation, 0, frame.sessionId(), key && !refusal);
        Payload payload = decode(frame);
        boolean failed = payload.envelope().status() != null && !payload.envelope().status().success();
        if (failed != refusal) {
            throw new Malformed("session id and status contradict each other");
        }
        if (!refusal) {
            return payload;
        }
        Optional<Bytes> echo = read(Refusals.CODEC, payload).echo();
        if (echo.isPresent() && !echo.get().equals(nonce) || echo.isEmpty() && !session.ordered()) {
            throw new Malformed("answer to another question");
        }
        Ended refused = refused(payload);
        if (session.ordered()) {
            end(refused);
        } else {
            lastRefusal = refused;
        }
        return null;
    }

    private static Ended refused(Payload payload) {
        Envelope envelope = payload.envelope();
        String text = envelope.error() == null ? "" : ": " + envelope.error();
        return Ended.refused(envelope.status(), "the peer refuses with " + envelope.status() + text,
                Tier.of(envelope.requiredTier()));
    }

    private void checkChoice(Bytes echo, int tier, Optional<List<Long>> chosen) throws Malformed {
        if (!echo.equals(nonce)) {
            throw new Malformed("answer to another question");
        }
        selected = Tier.of(tier);
        if (selected.below(wish.least()) || wish.wanted().below(selected)) {
            throw new Malformed("%s is not between %s and %s".formatted(selected, wish.least(),
                    wish.wanted()));
        }
        capabilities = chosen.orElse(List.of()).stream().sorted().toList();
        if (!wish.capabilities().containsAll(capabilities)) {
            throw new Malformed("a capability that was not offered");
        }
    }

    private void keyReceived(Frame frame, long now) throws Malformed {
        if (!isSealed(frame, keyTier(selected), KEY_EXCHANGE_RESPONSE, sessionId, true)) {
            throw new Malformed("not the frame this state takes");
        }
        byte[] peerKey = frame.key();
        byte[] shared = settings.crypto().x25519(ephemeral.bytes(), peerKey);
        Secret key = KeySchedule.sessionKey(shared, nonce.toArray(), responderNonce.toArray());
        Secret secret = KeySchedule.root(keyShared ? wish.preSharedKey().get().secret() : null, key);
        byte[] handshakeHash = transcript.with(peerKey).hash();
        TrafficKeys theirs = KeySchedule.handshakeKeys(secret, false, handshakeHash);
        opening = new OpeningHalf(settings.crypto(), theirs, 0, true);
        byte[] plaintext = open(frame);
        sessionKey = key;
        root = secret;
        state = State.DONE;
        Identity peer;
        try {
            Payload payload = Payload.decode(plaintext, 0, plaintext.length);
            peer = verify(read(CoreOperations.KEY_EXCHANGE_RESPONSE.answer(), payload), handshakeHash);
        } catch (Malformed untrusted) {
            end(Ended.untrusted(untrusted.getMessage()));
            return;
        }
        complete(frame, peer, KeySchedule.handshakeKeys(root, true, handshakeHash), now);
    }

    private Identity verify(KeyExchangeResponse response, byte[] handshakeHash) throws Malformed {
        response.crl().ifPresent(trust::offered);
        Identity peer = trust.verify(response.cert(), unix());
        if (wish.expectedNode().isPresent() && !wish.expectedNode().get().equals(peer.node())) {
            throw new Malformed("another node answers here: " + peer.name());
        }
        if (peer.node().equals(credentials.node()) || peer.key().encoded().equals(credentials.publicKey())) {
            throw new Malformed("this node reached itself");
        }
        if (!KeySchedule.verify(peer.key(), "responder signature",
                KeySchedule.signedHandshake(handshakeHash, response.cert().toArray()),
                response.sig().toArray())) {
            throw new Malformed("the peer's signature does not fit its certificate");
        }
        return peer;
    }

    private void complete(Frame frame, Identity peer, TrafficKeys own, long now) {
        transcript = transcript.with(frame.bytes().toArray());
        sealing = new SealingHalf(settings.crypto(), own, 0);
        Optional<Bytes> cert = credentials.certificate();
        boolean pairing = keyShared && wish.preSharedKey().get().invitation();
        if (pairing) {
            cert = Optional.empty();
        } else if (cert.isEmpty()) {
            end(Ended.untrusted("this node has no certificate yet: join a family first"));
            return;
        }
        Bytes proven = cert.orElse(credentials.publicKey());
        Bytes signature = Bytes.wrap(credentials.sign("initiator signature",
                KeySchedule.signedHandshake(transcript.hash(), proven.toArray())));
        Optional<Bytes> key = pairing ? Optional.of(proven) : Optional.empty();
        Tier tier = keyTier(selected);
        byte[] without = encode(CoreOperations.KEY_EXCHANGE_COMPLETE.request(), Envelope.NONE,
                KeyExchangeComplete.proof(cert, key, signature, Optional.empty()));
        Optional<Bytes> revocations = revocations(tier, without.length);
        byte[] payload = revocations.isEmpty() ? without
                : encode(CoreOperations.KEY_EXCHANGE_COMPLETE.request(), Envelope.NONE,
                        KeyExchangeComplete.proof(cert, key, signature, revocations));
        byte[] fifth = seal(sealing, tier, KEY_EXCHANGE_COMPLETE, sessionId, null, payload);
        transcript = transcript.with(fifth);
        session.emit(fifth);
        open(peer, Bytes.EMPTY, pairing, now);
    }

    /** @param resumedFrom uid of the session the ticket came with, empty without one */
    private void open(Identity peer, Bytes resumedFrom, boolean pairing, long now) {
        state = State.DONE;
        byte[] application = transcript.hash();
        Secret resumption = KeySchedule.resumptionSecret(root, application);
        Bytes uid = Bytes.wrap(KeySchedule.sessionUid(root, application));
        Traffic traffic = new Traffic(settings.crypto(), sessionKey, root, application, true,
                session.ordered());
        erase();
        session.open(new Established(uid, peer, selected, capabilities, sessionId, true,
                !resumedFrom.isEmpty(),
                resumedFrom, pairing), traffic, resumption, now);
    }

    private void resumed(Frame frame, long now) throws Malformed {
        Payload payload = answer(frame, SESSION_RESUMED, keyTier(wish.wanted()), true);
        if (payload == null) {
            return;
        }
        SessionResumed answer = read(CoreOperations.SESSION_RESUMED.answer(), payload);
        if (answer.sessionId() != frame.sessionId()) {
            throw new Malformed("session id differs from the header's");
        }
        checkChoice(answer.echo(), answer.selectedTier(), answer.selectedCapabilities());
        byte[] shared = settings.crypto().x25519(ephemeral.bytes(), frame.key());
        sessionId = answer.sessionId();
        sessionKey = KeySchedule.sessionKey(shared, nonce.toArray(), answer.nonce().toArray());
        root = KeySchedule.root(ticket.secret(), sessionKey);
        transcript = transcript.with(frame.bytes().toArray());
        open(ticket.peer(), ticket.session(), false, now);
    }

    /** Reads the second KEY_EXCHANGE_COMPLETE (frame 6, or 3 of a resumption). @return empty if it refuses */
    static Optional<KeyExchangeComplete> confirmation(Payload payload) throws Malformed {
        if (payload.envelope().status() == null) {
            throw new Malformed("status is missing");
        }
        if (!payload.envelope().status().success()) {
            return Optional.empty();
        }
        try {
            KeyExchangeComplete last = CoreOperations.KEY_EXCHANGE_COMPLETE.request().read(payload);
            if (last.ticket().isPresent() != last.hasTicket()) {
                throw new Malformed("part of a ticket is missing");
            }
            return Optional.of(last);
        } catch (Refused wrong) {
            throw new Malformed(wrong.getMessage());
        }
    }
}
