package org.myclerk.core.session;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.myclerk.api.node.Roles;
import org.myclerk.api.operation.ErrorCode;
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
import org.myclerk.core.crypto.VerifyingKey;
import org.myclerk.core.frame.Frame;
import org.myclerk.core.frame.OpeningHalf;
import org.myclerk.core.frame.SealingHalf;
import org.myclerk.core.session.Trust.PreSharedKey;

/** The side that answers (profile §11, §12). Not thread-safe. */
final class ResponderHandshake extends Handshake {

    private enum State { NEW, ACKED, KEYED, DONE }

    private final TicketKeys tickets;
    private final Admission admission;
    private final InetAddress address;
    private final SessionIds sessionIds;
    private State state = State.NEW;
    private Transcript transcript;
    private Bytes nonce;
    private byte[] initiatorNonce;
    private Tier selected;
    private List<Long> capabilities = List.of();
    private int sessionId;
    private PreSharedKey preSharedKey;
    byte[] handshakeHash;
    private boolean failureCounted;
    private boolean addressProven;

    ResponderHandshake(Session session, Credentials credentials, Trust trust, TicketKeys tickets,
            Admission admission, InetAddress address, SessionIds sessionIds) {
        super(session, credentials, trust);
        this.tickets = tickets;
        this.admission = admission;
        this.address = address;
        this.sessionIds = sessionIds;
    }

    /** Whether the initiator has shown that it receives at its address: its ack-hash was right. */
    boolean addressProven() {
        return addressProven;
    }

    int sessionId() {
        return sessionId;
    }

    @Override
    void receive(Frame frame, long now) throws Malformed {
        switch (state) {
            case NEW -> {
                if (frame.operation() == SESSION_RESUME) {
                    resume(frame, now);
                } else {
                    init(frame, now);
                }
            }
            case ACKED -> keyReceived(frame);
            case KEYED -> complete(frame, now);
            case DONE -> throw new Malformed("nothing is expected");
        }
    }

    private void init(Frame frame, long now) throws Malformed {
        if (frame.tier().below(Tier.T2)) {
            throw new Malformed("plaintext");
        }
        checkPlain(frame, frame.tier(), SESSION_INIT, 0, 0, false);
        if (!admission.handshake(address, now)) {
            session.ignored();
            return;
        }
        Payload payload = decodeOrRefuse(frame, SESSION_ACK);
        if (payload == null) {
            return;
        }
        SessionInit init;
        try {
            init = CoreOperations.SESSION_INIT.request().read(payload);
        } catch (Refused wrong) {
            refuse(frame, SESSION_ACK, Refusals.echo(payload), ErrorCode.BAD_REQUEST, null);
            return;
        }
        session.checkTimestamp(init.timestamp());
        selected = settings.maximum().atMost(frame.tier());
        if (init.profile() != PROFILE) {
            refuse(frame, SESSION_ACK, init.nonce(), ErrorCode.BAD_REQUEST, null);
        } else if (selected.below(settings.minimum())) {
            refuse(frame, SESSION_ACK, init.nonce(), ErrorCode.FORBIDDEN, settings.minimum());
        } else if (!admission.hasRoom()) {
            refuse(frame, SESSION_ACK, init.nonce(), ErrorCode.SERVICE_UNAVAILABLE, null);
        } else {
            acknowledge(frame, init);
        }
    }

    private Payload decodeOrRefuse(Frame frame, int answer) {
        try {
            return decode(frame);
        } catch (Malformed wrong) {
            refuse(frame, answer, null, ErrorCode.BAD_REQUEST, null);
            return null;
        }
    }

    private void refuse(Frame frame, int answer, Bytes echo, ErrorCode status, Tier requiredTier) {
        session.emit(plain(frame.tier(), answer, 0, 0, null, Refusals.write(echo, status, requiredTier)));
        end(new Ended(Ended.Cause.REFUSED, status, "refused a handshake with " + status, false,
                requiredTier));
    }

    private void acknowledge(Frame frame, SessionInit init) {
        sessionId = sessionIds.next(session.random());
        byte[] own = random(8);
        nonce = Bytes.wrap(own);
        initiatorNonce = init.nonce().toArray();
        Optional<List<Long>> chosen = init.capabilities().map(offered -> common(settings.capabilities(),
                offered));
        capabilities = chosen.orElse(List.of());
        preSharedKey = init.pskId().flatMap(id -> trust.preSharedKey(id, unix())).orElse(null);
        byte[] payload = encode(CoreOperations.SESSION_ACK.answer(), Envelope.NONE, new SessionAck(sessionId,
                nonce, selected.number(), chosen, init.nonce(), Optional.ofNullable(preSharedKey)
                .map(PreSharedKey::id)));
        byte[] second = plain(frame.tier(), SESSION_ACK, 0, sessionId, null, payload);
        transcript = Transcript.handshake().with(frame.bytes().toArray()).with(second);
        state = State.ACKED;
        session.emit(second);
    }

    private void keyReceived(Frame frame) throws Malformed {
        Tier tier = keyTier(selected);
        checkPlain(frame, tier, KEY_EXCHANGE_INIT, 1, sessionId, true);
        try {
            Bytes hash = read(CoreOperations.KEY_EXCHANGE_INIT.request(), decode(frame)).ackHash();
            if (!Crypto.equal(hash.toArray(), transcript.hash())) {
                throw new Malformed("ack-hash differs");
            }
            addressProven = true;
            respond(frame, tier);
        } catch (Malformed wrong) {
            end(Ended.untrusted(wrong.getMessage()));
        }
    }

    private void respond(Frame frame, Tier tier) throws Malformed {
        transcript = transcript.with(frame.bytes().toArray());
        Optional<Bytes> certificate = credentials.certificate();
        if (certificate.isEmpty()) {
            throw new Malformed("this node has no certificate yet");
        }
        byte[] publicKey = newEphemeral();
        byte[] shared = agree(frame.key());
        sessionKey = KeySchedule.sessionKey(shared, initiatorNonce, nonce.toArray());
        root = KeySchedule.root(preSharedKey == null ? null : preSharedKey.secret(), sessionKey);
        handshakeHash = transcript.with(publicKey).hash();
        sealing = new SealingHalf(settings.crypto(), KeySchedule.handshakeKeys(root, false, handshakeHash),
                0);
        TrafficKeys theirs = KeySchedule.handshakeKeys(root, true, handshakeHash);
        opening = new OpeningHalf(settings.crypto(), theirs, 0, true);
        Bytes cert = certificate.get();
        Bytes signature = Bytes.wrap(credentials.sign("responder signature",
                KeySchedule.signedHandshake(handshakeHash, cert.toArray())));
        byte[] without = encode(CoreOperations.KEY_EXCHANGE_RESPONSE.answer(), Envelope.NONE,
                new KeyExchangeResponse(cert, signature, Optional.empty()));
        Optional<Bytes> revocations = revocations(tier, without.length);
        byte[] payload = revocations.isEmpty() ? without
                : encode(CoreOperations.KEY_EXCHANGE_RESPONSE.answer(), Envelope.NONE,
                        new KeyExchangeResponse(cert, signature, revocations));
        byte[] fourth = seal(sealing, tier, KEY_EXCHANGE_RESPONSE, sessionId, publicKey, payload);
        transcript = transcript.with(fourth);
        state = State.KEYED;
        session.emit(fourth);
    }

    private void complete(Frame frame, long now) throws Malformed {
        Tier tier = keyTier(selected);
        if (!isSealed(frame, tier, KEY_EXCHANGE_COMPLETE, sessionId, false)) {
            throw new Malformed("not the frame this state takes");
        }
        byte[] plaintext;
        try {
            plaintext = open(frame);
        } catch (Malformed altered) {
            countFailure(Bytes.EMPTY);
            throw altered;
        }
        Bytes joining = Bytes.EMPTY;
        byte[] before = transcript.hash();
        transcript = transcript.with(frame.bytes().toArray());
        KeyExchangeComplete proof;
        try {
            proof = read(CoreOperations.KEY_EXCHANGE_COMPLETE.request(),
                    Payload.decode(plaintext, 0, plaintext.length));
            if (proof.sig().isEmpty() || proof.cert().isPresent() == proof.key().isPresent()) {
                throw new Malformed("sig, and either cert or key, are needed");
            }
        } catch (Malformed wrong) {
            countFailure(joining);
            end(Ended.untrusted(wrong.getMessage()));
            return;
        }
        Identity peer;
        try {
            joining = proof.key().orElse(Bytes.EMPTY);
            peer = verify(proof, before);
        } catch (Malformed untrusted) {
            countFailure(joining);
            refuseOpen(tier, ErrorCode.UNAUTHORIZED, Ended.untrusted(untrusted.getMessage()));
            return;
        }
        open(peer, tier, now);
    }

    /** At most one failure per handshake, however many frames arrive. */
    private void countFailure(Bytes joining) {
        if (!failureCounted && preSharedKey != null && preSharedKey.invitation()) {
            failureCounted = true;
            trust.invitationTried(preSharedKey, joining, false);
        }
    }

    private Identity verify(KeyExchangeComplete proof, byte[] before) throws Malformed {
        proof.crl().ifPresent(trust::offered);
        boolean pairing = preSharedKey != null && preSharedKey.invitation();
        if (pairing != proof.key().isPresent()) {
            throw new Malformed("a bare key needs an invitation, and an invitation a bare key");
        }
        Bytes proven = pairing ? proof.key().get() : proof.cert().get();
        Identity peer = pairing
                ? new Identity(Bytes.EMPTY, Roles.JOINING, Set.of(Roles.JOINING), Bytes.EMPTY, 0,
                        Long.MAX_VALUE, new VerifyingKey(proven), Bytes.EMPTY)
                : trust.verify(proven, unix());
        if (!KeySchedule.verify(peer.key(), "initiator signature",
                KeySchedule.signedHandshake(before, proven.toArray()), proof.sig().get().toArray())) {
            throw new Malformed("the peer's signature does not fit its certificate");
        }
        if (pairing && !trust.invitationTried(preSharedKey, proven, true)) {
            failureCounted = true;
            throw new Malformed("the invitation is used up");
        }
        return peer;
    }

    private void refuseOpen(Tier tier, ErrorCode status, Ended ended) {
        Traffic traffic = newTraffic();
        session.emit(seal(traffic.sending(), tier, KEY_EXCHANGE_COMPLETE, sessionId, null,
                encode(CoreOperations.KEY_EXCHANGE_COMPLETE.request(), Envelope.response(0, status),
                        KeyExchangeComplete.withoutTicket())));
        traffic.erase();
        end(ended);
    }

    private Traffic newTraffic() {
        return new Traffic(settings.crypto(), sessionKey, root, transcript.hash(), false, session.ordered());
    }

    private void open(Identity peer, Tier tier, long now) {
        if (!admission.open(peer.node())) {
            refuseOpen(tier, ErrorCode.SERVICE_UNAVAILABLE, Ended.limit("too many sessions"));
            return;
        }
        opened(peer, false, Bytes.EMPTY, preSharedKey != null && preSharedKey.invitation(), now);
    }

    /** The session is counted; sends the last frame of the handshake, with a ticket unless in pairing. */
    private void opened(Identity peer, boolean resumed, Bytes resumedFrom, boolean pairing, long now) {
        state = State.DONE;
        byte[] application = transcript.hash();
        Secret resumption = KeySchedule.resumptionSecret(root, application);
        Bytes uid = Bytes.wrap(KeySchedule.sessionUid(root, application));
        Traffic traffic = newTraffic();
        KeyExchangeComplete last = KeyExchangeComplete.withoutTicket();
        if (!pairing) {
            TicketKeys.Issued issued = tickets.issue(session.random(), resumption, peer.node(), sessionId,
                    uid, settings.limits().ticketLifetime(), unix());
            last = KeyExchangeComplete.with(issued);
            session.issued(issued.nonce(), issued.expires());
        }
        resumption.erase();
        erase();
        session.emit(seal(traffic.sending(), keyTier(selected), KEY_EXCHANGE_COMPLETE, sessionId, null,
                encode(CoreOperations.KEY_EXCHANGE_COMPLETE.request(), Envelope.response(0, ErrorCode.OK),
                last)));
        session.open(new Established(uid, peer, selected, capabilities, sessionId, false, resumed,
                resumedFrom, pairing), traffic, null, now);
    }

    private void resume(Frame frame, long now) throws Malformed {
        if (frame.tier().below(Tier.T4)) {
            throw new Malformed("too low a tier for a key");
        }
        checkPlain(frame, frame.tier(), SESSION_RESUME, 0, 0, true);
        if (!admission.handshake(address, now)) {
            session.ignored();
            return;
        }
        Payload payload = decodeOrRefuse(frame, SESSION_RESUMED);
        if (payload == null) {
            return;
        }
        SessionResume resume;
        try {
            resume = CoreOperations.SESSION_RESUME.request().read(payload);
        } catch (Refused wrong) {
            refuse(frame, SESSION_RESUMED, Refusals.echo(payload), ErrorCode.BAD_REQUEST, null);
            return;
        }
        session.checkTimestamp(resume.timestamp());
        Tier wanted = Tier.of(resume.tier());
        selected = settings.maximum().atMost(wanted);
        if (!Binder.isLast(payload.bytes()) || frame.tier() != keyTier(wanted)) {
            refuse(frame, SESSION_RESUMED, resume.nonce(), ErrorCode.BAD_REQUEST, null);
        } else if (selected.below(settings.minimum())) {
            refuse(frame, SESSION_RESUMED, resume.nonce(), ErrorCode.FORBIDDEN, settings.minimum());
        } else if (!admission.hasRoom()) {
            refuse(frame, SESSION_RESUMED, resume.nonce(), ErrorCode.SERVICE_UNAVAILABLE, null);
        } else {
            openTicket(frame, resume, now);
        }
    }

    private void openTicket(Frame frame, SessionResume resume, long now) throws Malformed {
        TicketKeys.Opened ticket;
        Identity peer;
        try {
            ticket = tickets.open(resume.oldSessionId(), resume.ticket(), resume.ticketIv(),
                    resume.ticketTag(), unix());
            if (!Binder.fits(frame, ticket.resumptionSecret(), resume.binder())) {
                throw new Malformed("binder differs");
            }
            peer = trust.current(ticket.node(), unix()).orElseThrow(() -> new Malformed(
                    "certificate is gone"));
        } catch (Malformed bad) {
            refuse(frame, SESSION_RESUMED, resume.nonce(), ErrorCode.INVALID_SESSION, null);
            return;
        }
        sessionId = sessionIds.next(session.random());
        byte[] own = random(8);
        byte[] publicKey = newEphemeral();
        byte[] shared = agree(frame.key());
        if (!admission.open(peer.node())) {
            refuse(frame, SESSION_RESUMED, resume.nonce(), ErrorCode.SERVICE_UNAVAILABLE, null);
            return;
        }
        if (!tickets.use(ticket.nonce(), ticket.expires(), unix())) {
            admission.close(peer.node());
            refuse(frame, SESSION_RESUMED, resume.nonce(), ErrorCode.INVALID_SESSION, null);
            return;
        }
        Optional<List<Long>> chosen = resume.capabilities().map(offered -> common(settings.capabilities(),
                offered));
        capabilities = chosen.orElse(List.of());
        byte[] second = plain(frame.tier(), SESSION_RESUMED, 0, sessionId, publicKey,
                encode(CoreOperations.SESSION_RESUMED.answer(), Envelope.NONE, new SessionResumed(sessionId,
                        Bytes.wrap(own), selected.number(), chosen, resume.nonce())));
        sessionKey = KeySchedule.sessionKey(shared, resume.nonce().toArray(), own);
        root = KeySchedule.root(ticket.resumptionSecret(), sessionKey);
        ticket.resumptionSecret().erase();
        transcript = Transcript.resumption().with(frame.bytes().toArray()).with(second);
        session.emit(second);
        opened(peer, true, tickets.sessionOf(ticket.nonce()), false, now);
    }

    /** The nonces that this session's tickets carry are worthless from now on (SESSION_REVOKE). */
    void spend(Bytes nonce, long expires) {
        tickets.use(nonce, expires, unix());
    }

    void closed(Identity peer) {
        admission.close(peer.node());
    }
}
