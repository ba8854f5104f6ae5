package org.myclerk.core.session;

import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

import org.myclerk.api.node.Roles;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Fatal;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Envelope;
import org.myclerk.api.payload.None;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.frame.Compression;
import org.myclerk.core.frame.Container;
import org.myclerk.core.frame.Frame;
import org.myclerk.core.frame.Reassembly;
import org.myclerk.core.frame.SealingHalf;

/**
 * One session of either role, from its first frame to its last (profile §5-§19): bytes in, values out. It
 * does no I/O, owns no thread and reads no clock but the one it is given to date frames. Confined to one
 * thread at a time.
 *
 * <p>Every {@code now} is monotonic milliseconds of any origin; frames are dated by one look at the wall
 * clock in each. After {@link Output#closed} all inputs are ignored.
 */
public final class Session {

    private static final int KEEPALIVE = 0x0001;
    private static final int KEEPALIVE_ACK = 0x0002;
    private static final int SESSION_CLOSE = 0x0005;
    private static final int SESSION_CLOSE_ACK = 0x0006;
    private static final int SESSION_ROTATE = 0x0016;
    private static final int SESSION_REVOKE = 0x0017;

    private static final long[] SILENCE_MILLIS = {30_000, 40_000, 60_000, 90_000};
    private static final long[] REPEAT_MILLIS = {1_000, 2_000, 4_000};
    private static final long CLOSE_ACK_MILLIS = 5_000;
    private static final long CLOSE_ACK_UNORDERED_MILLIS = 8_000;
    private static final long LAST_RID = 0xFFFF_FFFFL;

    private enum State { IDLE, HANDSHAKE, OPEN, CLOSING, CLOSED }

    /** A ticket's mark, for SESSION_REVOKE. */
    private record Spendable(Bytes nonce, long expires) {
    }

    private final Settings settings;
    private final Trust trust;
    private final Line line;
    private final RandomGenerator random;
    private final Output out;
    private InitiatorHandshake initiator;
    ResponderHandshake responder;
    private Admission.HalfOpen halfOpen;

    private State state = State.IDLE;
    /** Of the latest input. */
    private long now;
    /** Unix seconds as of {@link #datedAt}. */
    private long date;
    private long datedAt = Long.MIN_VALUE;
    private long deadline = Long.MAX_VALUE;
    private byte[] lastSent;
    private int repeats;
    private long repeatAt = Long.MAX_VALUE;

    private Established established;
    private boolean confirmed;
    private boolean counted;
    private Secret resumption;
    Traffic traffic;
    private Rotation rotation;
    private Outbound outbound;
    /** Made when the first fragment comes. */
    private Reassembly reassembly;
    private Exchanges exchanges;
    private final List<Spendable> issued = new ArrayList<>(1);
    private final AtomicLong lastRid = new AtomicLong();
    private long keepaliveRid;
    private long lastHeard;
    private long lastActive;
    private int silence;
    private long closeRid;
    private String closeReason;
    private final Repeats answers = new Repeats();

    private long heard;
    private long keepaliveAnswers;
    private long dropped;
    private long lost;
    private long ignoredHandshakes;

    private Session(Settings settings, Trust trust, Line line, RandomGenerator random, Output out) {
        this.settings = settings;
        this.trust = trust;
        this.line = line;
        this.random = random;
        this.out = out;
    }

    /** A session that this side starts; nothing is sent before {@link #start}. */
    public static Session initiate(Settings settings, Credentials credentials, Trust trust, Wish wish,
            Line line, RandomGenerator random, Output out) {
        Session session = new Session(settings, trust, line, random, out);
        session.initiator = new InitiatorHandshake(session, credentials, trust, wish);
        return session;
    }

    /**
     * A session that the other side starts, on a connection of its own. It counts as half-open at once.
     *
     * @param address of the peer, for the limits per address
     * @param drop ends the link when too many handshakes are half-open and this is the oldest; called on any
     * thread
     */
    public static Session respond(Settings settings, Credentials credentials, Trust trust, TicketKeys tickets,
            Admission admission, InetAddress address, Line line, RandomGenerator random, Output out,
            Runnable drop) {
        Session session = respond(settings, credentials, trust, tickets, admission, address, line, random,
                out, SessionIds.PER_CONNECTION);
        session.halfOpen = admission.begin(address, drop);
        return session;
    }

    static Session respond(Settings settings, Credentials credentials, Trust trust, TicketKeys tickets,
            Admission admission, InetAddress address, Line line, RandomGenerator random, Output out,
            SessionIds sessionIds) {
        Session session = new Session(settings, trust, line, random, out);
        session.responder = new ResponderHandshake(session, credentials, trust, tickets, admission, address,
                sessionIds);
        return session;
    }

    /** Begins: an initiator sends its first frame, a responder's time starts to run. */
    public void start(long now) {
        this.now = now;
        if (state != State.IDLE) {
            return;
        }
        state = State.HANDSHAKE;
        lastHeard = now;
        boolean patient = !line.ordered() && initiator != null;
        deadline = now + (patient ? settings.limits().handshakeUnordered()
                : settings.limits().handshake()).toMillis();
        if (initiator != null) {
            initiator.start();
            armRepeats(now);
        }
    }

    /** One frame of the peer. The bytes may change after the return. */
    public void receive(byte[] buffer, int offset, int length, long now) {
        this.now = now;
        switch (state) {
            case OPEN, CLOSING -> receiveSealed(buffer, offset, length, now);
            case HANDSHAKE -> receiveHandshake(Arrays.copyOfRange(buffer, offset, offset + length), now);
            case IDLE, CLOSED -> { }
        }
    }

    private void receiveHandshake(byte[] own, long now) {
        if (answers.repeat(own, now, out)) {
            return;
        }
        answers.begin(own, now, !line.ordered() && responder != null);
        byte[] sentBefore = lastSent;
        try {
            handshake().receive(Frame.parse(own, 0, own.length), now);
        } catch (Malformed wrong) {
            violation(wrong.getMessage());
        }
        answers.end();
        if (sentBefore != lastSent) {
            armRepeats(now);
        }
    }

    private Handshake handshake() {
        return initiator != null ? initiator : responder;
    }

    private void armRepeats(long now) {
        repeats = 0;
        repeatAt = line.ordered() || initiator == null ? Long.MAX_VALUE : now + REPEAT_MILLIS[0];
    }

    private void receiveSealed(byte[] buffer, int offset, int length, long now) {
        if (answers.repeat(buffer, offset, length, now, out)) {
            return;
        }
        Frame frame;
        byte[] plaintext;
        try {
            frame = Frame.parse(buffer, offset, length);
            checkSealed(frame);
            checkTimestamp(frame);
            plaintext = traffic.open(frame);
        } catch (Malformed wrong) {
            violation(wrong.getMessage());
            if (state != State.CLOSED && traffic.failures() >= settings.limits().aeadFailures()) {
                end(Ended.limit("too many frames that do not open"));
            }
            return;
        }
        lastHeard = now;
        silence = 0;
        heard++;
        if (traffic.follow(now)) {
            rotation.followed(now);
        }
        if (!confirmed && established.resumed() && frame.operation() != Handshake.KEY_EXCHANGE_COMPLETE) {
            violation("a message before the handshake has ended");
            return;
        }
        unpack(frame, plaintext, now);
        if (state == State.OPEN) {
            rotation.startIfDue(now);
        }
    }

    /** What can be refused before any key is used. */
    private void checkSealed(Frame frame) throws Malformed {
        Tier tier = frame.tier();
        int operation = frame.operation();
        if (!frame.flags().encrypted()) {
            throw new Malformed("plaintext in a session with keys");
        }
        if (tier.below(line.ordered() ? Tier.T2 : Tier.T3)) {
            throw new Malformed(tier + " is not allowed here");
        }
        if (frame.sessionId() != established.sessionId()) {
            throw new Malformed("unknown session %d".formatted(frame.sessionId()));
        }
        boolean keys = operation == Handshake.KEY_EXCHANGE_COMPLETE || operation == SESSION_ROTATE
                || operation == SESSION_REVOKE;
        if ((keys ? keyTier() : established.tier()).below(tier)) {
            throw new Malformed("%s is above the selected one".formatted(tier));
        }
        if (frame.flags().fragmented() && !established.selected(Settings.FRAGMENTATION)) {
            throw new Malformed("operation 0x%04X may not be fragmented here".formatted(operation));
        }
    }

    private Tier keyTier() {
        return Handshake.keyTier(established.tier());
    }

    private void unpack(Frame frame, byte[] plaintext, long now) {
        byte[] data = plaintext;
        boolean compressed = frame.flags().compressed();
        Tier tier = frame.tier();
        int operation = frame.operation();
        if (frame.flags().fragmented()) {
            if (reassembly == null) {
                reassembly = new Reassembly();
            }
            data = reassembly.add(operation, tier.number() << 1 | (compressed ? 1 : 0), plaintext, now);
            if (data == null) {
                return;
            }
        }
        try {
            if (compressed) {
                data = decompress(operation, data);
            }
            if (operation != 0) {
                deliver(frame, tier, operation, data, 0, data.length, now);
            } else if (data.length > 0) {
                deliverAll(tier, data, now);
            }
        } catch (Malformed unreadable) {
            lost++;
            if (!confirmed && operation == Handshake.KEY_EXCHANGE_COMPLETE) {
                end(Ended.violation(unreadable.getMessage()));
            }
        }
    }

    private byte[] decompress(int operation, byte[] data) throws Malformed {
        if (Compression.barred(operation) || !established.selected(Compression.algorithm(data))) {
            throw new Malformed("compression was not agreed");
        }
        return Compression.decompress(data);
    }

    private void deliverAll(Tier tier, byte[] data, long now) throws Malformed {
        if (tier == Tier.T2) {
            throw new Malformed("a container at tier 2");
        }
        Container.check(data);
        for (int at = 0; at < data.length && state != State.CLOSED; at = Container.next(data, at)) {
            Container.Item item = Container.item(data, at);
            try {
                deliver(null, tier, item.operation(), data, item.offset(), item.length(), now);
            } catch (Malformed unreadable) {
                lost++;
            }
        }
    }

    /** @param frame {@code null} if the message came in a container */
    private void deliver(Frame frame, Tier tier, int operation, byte[] array, int offset, int length,
            long now)
            throws Malformed {
        Payload payload = Payload.decode(array, offset, length);
        if (CoreOperations.serves(operation)) {
            core(frame, tier, operation, payload, now);
        } else if (state == State.OPEN) {
            lastActive = now;
            if (exchanges == null || exchanges.received(payload.envelope(), now)) {
                out.message(tier, operation, payload);
            }
        }
    }

    private void core(Frame frame, Tier tier, int operation, Payload payload, long now) throws Malformed {
        switch (operation) {
            case Handshake.SESSION_INIT, Handshake.SESSION_ACK, Handshake.SESSION_RESUME,
                    Handshake.SESSION_RESUMED,
                    Handshake.KEY_EXCHANGE_INIT, Handshake.KEY_EXCHANGE_RESPONSE -> { }
            case Handshake.KEY_EXCHANGE_COMPLETE -> confirm(frame, payload);
            default -> {
                if (payload.envelope().isResponse()) {
                    coreResponse(frame, tier, operation, payload, now);
                } else {
                    coreRequest(frame, tier, operation, payload, now);
                }
            }
        }
    }

    /** Frame 6, or 3 of a resumption. */
    private void confirm(Frame frame, Payload payload) {
        if (confirmed || frame.tier() != keyTier() || frame.hasKey()) {
            return;
        }
        Optional<KeyExchangeComplete> last;
        try {
            last = InitiatorHandshake.confirmation(payload);
        } catch (Malformed wrong) {
            end(Ended.violation(wrong.getMessage()));
            return;
        }
        if (last.isEmpty()) {
            ErrorCode code = payload.envelope().status();
            end(Ended.refused(code, "the peer refuses with " + code, null));
            return;
        }
        confirmed = true;
        lastSent = null;
        if (state == State.OPEN) {
            deadline = Long.MAX_VALUE;
            repeatAt = Long.MAX_VALUE;
        }
        if (last.get().hasTicket() && !established.pairing()) {
            KeyExchangeComplete with = last.get();
            long lifetime = Math.min(with.ticketLifetime().get(),
                    Limits.DEFAULT.ticketLifetime().toSeconds());
            out.ticket(new Ticket(established.sessionId(), with.ticket().get(), with.ticketIv().get(),
                    with.ticketTag().get(), Secret.wrap(resumption.bytes().clone()),
                    settings.clock().unixSeconds() + lifetime, established.peer(), established.uid()));
        }
        if (resumption != null) {
            resumption.erase();
        }
        out.confirmed();
    }

    private void coreResponse(Frame frame, Tier tier, int operation, Payload payload, long now) {
        Envelope envelope = payload.envelope();
        switch (operation) {
            case KEEPALIVE_ACK -> {
                if (keepaliveRid != 0 && envelope.rid() == keepaliveRid) {
                    keepaliveRid = 0;
                    keepaliveAnswers++;
                }
            }
            case SESSION_CLOSE_ACK -> {
                if (state == State.CLOSING && (envelope.rid() == closeRid || envelope.rid() == 0)) {
                    end(Ended.closed(closeReason, false));
                }
            }
            case SESSION_ROTATE -> {
                if (tier == keyTier() && rotation.isAnswer(envelope.rid())) {
                    rotationAnswer(frame, payload, now);
                }
            }
            default -> { }
        }
    }

    private void rotationAnswer(Frame frame, Payload payload, long now) {
        if (!payload.envelope().status().success()) {
            rotation.refused(now);
            return;
        }
        try {
            rotation.answered(CoreOperations.SESSION_ROTATE.answer().read(payload), frame, now);
        } catch (Refused badAnswerIsIgnored) {
            lost++;
        }
    }

    private void coreRequest(Frame frame, Tier tier, int operation, Payload payload, long now) {
        Tier floor = operation == SESSION_ROTATE || operation == SESSION_REVOKE ? keyTier()
                : operation >= 0x0010 ? Tier.T4 : Tier.T3;
        long rid = payload.envelope().rid();
        int answer = operation == KEEPALIVE || operation == SESSION_CLOSE ? operation + 1 : operation;
        try {
            if (tier.below(floor)) {
                throw Refused.tierTooLow(floor);
            }
            switch (operation) {
                case KEEPALIVE -> {
                    CoreOperations.KEEPALIVE.request().read(payload);
                    respond(tier, answer, rid, ErrorCode.OK, null);
                }
                case SESSION_CLOSE -> {
                    SessionClose close = CoreOperations.SESSION_CLOSE.request().read(payload);
                    send(traffic.sending(), tier, answer, null, Refusals.NOTHING, Envelope.response(rid,
                            ErrorCode.OK), None.NONE);
                    end(Ended.closed(close.reason().orElse("the peer closed the session"), true));
                }
                case SESSION_ROTATE -> {
                    SessionRotate rotate = CoreOperations.SESSION_ROTATE.request().read(payload);
                    if (rid != 0) {
                        rotation.requested(rid, rotate, frame, now);
                    }
                }
                case SESSION_REVOKE -> {
                    SessionClose revoke = CoreOperations.SESSION_REVOKE.request().read(payload);
                    spendTickets();
                    end(Ended.revoked(revoke.reason().orElse("the peer revoked the session"), true));
                }
                case 0x0000 -> { }
                default -> throw Refused.notFound("no such operation");
            }
        } catch (Refused refused) {
            respond(tier, answer, rid, refused.code(), refused.requiredTier());
        }
    }

    private void respond(Tier tier, int operation, long rid, ErrorCode status, Tier requiredTier) {
        if (rid != 0) {
            Envelope envelope = requiredTier == null ? Envelope.response(rid, status)
                    : Envelope.refusal(rid, status, null, requiredTier.number());
            send(traffic.sending(), tier, operation, null, Refusals.NOTHING, envelope, None.NONE);
        }
    }

    /**
     * Seals waiting messages, in order, until the queue is empty or {@link Output#congested} says so. Nothing
     * happens unless the session is open.
     *
     * @return how many messages left the queue
     */
    public int seal(ArrayDeque<Outgoing> waiting, long now) {
        this.now = now;
        if (state != State.OPEN || waiting.isEmpty()) {
            return 0;
        }
        lastActive = now;
        if (exchanges != null) {
            for (Outgoing message : waiting) {
                exchanges.sending(message, now);
            }
        }
        try {
            int sealed = outbound.seal(waiting);
            rotation.startIfDue(now);
            return sealed;
        } catch (Fatal exhausted) {
            end(Ended.limit(exhausted.getMessage()));
            return 0;
        }
    }

    /** {@link #append} could not take a message. */
    public static final int NOT_NOW = -1;

    /**
     * Writes a message straight into the frame that leaves with {@link #finish}, in the order of the calls;
     * it needs no queue and no array of its own. Only on ordered transports, and only while nothing is
     * congested.
     *
     * @param most bytes of payload that it may have; one that has more is not sent
     * @return the bytes of payload it has, or {@link #NOT_NOW}: then it has to go through {@link #seal}
     * @throws IllegalArgumentException if the value cannot be encoded
     */
    public <T> int append(Tier tier, int operation, boolean compressible, PayloadCodec<T> codec,
            Envelope envelope, T value, int most, long now) {
        this.now = now;
        if (state != State.OPEN || exchanges != null || out.congested()) {
            return NOT_NOW;
        }
        lastActive = now;
        try {
            return outbound.append(tier, operation, compressible, codec, envelope, value, most);
        } catch (Fatal exhausted) {
            end(Ended.limit(exhausted.getMessage()));
            return NOT_NOW;
        }
    }

    /** Seals what {@link #append} has gathered. */
    public void finish(long now) {
        this.now = now;
        if (state != State.OPEN) {
            return;
        }
        try {
            outbound.finish();
            rotation.startIfDue(now);
        } catch (Fatal exhausted) {
            end(Ended.limit(exhausted.getMessage()));
        }
    }

    private <T> void send(SealingHalf half, Tier tier, int operation, byte[] ephemeral, PayloadCodec<T> codec,
            Envelope envelope, T value) {
        try {
            outbound.send(half, tier, operation, ephemeral, codec, envelope, value);
        } catch (Fatal exhausted) {
            end(Ended.limit(exhausted.getMessage()));
        }
    }

    /** Sends at the tier of key management. */
    <T> void sendKeyed(SealingHalf half, int operation, byte[] ephemeral, PayloadCodec<T> codec,
            Envelope envelope, T value) {
        send(half, keyTier(), operation, ephemeral, codec, envelope, value);
    }

    void sendKeepalive(long now) {
        if (state == State.OPEN || state == State.CLOSING) {
            keepaliveRid = nextRid();
            send(traffic.sending(), established.tier(), KEEPALIVE, null, CoreOperations.KEEPALIVE.request(),
                    Envelope.request(keepaliveRid), None.NONE);
        }
    }

    /**
     * The next request id of this side, 1..2^32-1; the session's own requests are drawn from it too. Any
     * thread.
     */
    public long nextRid() {
        return lastRid.updateAndGet(rid -> rid == LAST_RID ? 1 : rid + 1);
    }

    /** Changes the keys as soon as the protocol allows. */
    public void rotate(long now) {
        this.now = now;
        if (state == State.OPEN) {
            rotation.want(now);
        }
    }

    /** Closes in order: the peer is told and answers. @param reason for people, or {@code null} */
    public void close(String reason, long now) {
        this.now = now;
        if (state == State.HANDSHAKE || state == State.IDLE) {
            end(Ended.closed(reason == null ? "closed" : reason, false));
        }
        if (state != State.OPEN) {
            return;
        }
        state = State.CLOSING;
        closeRid = nextRid();
        closeReason = reason == null ? "closed" : reason;
        deadline = now + (line.ordered() ? CLOSE_ACK_MILLIS : CLOSE_ACK_UNORDERED_MILLIS);
        repeats = 0;
        repeatAt = line.ordered() ? Long.MAX_VALUE : now + REPEAT_MILLIS[0];
        sendClose();
    }

    private void sendClose() {
        send(traffic.sending(), established.tier(), SESSION_CLOSE, null,
                CoreOperations.SESSION_CLOSE.request(),
                Envelope.request(closeRid), new SessionClose(Optional.of(closeReason)));
    }

    /** Ends at once, with all tickets of this session. @param reason for people, or {@code null} */
    public void revoke(String reason, long now) {
        this.now = now;
        if (state == State.OPEN || state == State.CLOSING) {
            sendKeyed(traffic.sending(), SESSION_REVOKE, null, CoreOperations.SESSION_REVOKE.request(),
                    Envelope.NONE, new SessionClose(Optional.ofNullable(reason)));
            spendTickets();
            end(Ended.revoked(reason == null ? "revoked" : reason, false));
        }
    }

    private void spendTickets() {
        for (Spendable ticket : issued) {
            responder.spend(ticket.nonce(), ticket.expires());
        }
    }

    /** The link has ended: so does the session. */
    public void linkEnded() {
        end(Ended.closed("the connection ended", true));
    }

    /** Does what time brings. Call it at {@link #nextTick}, or more often. */
    public void tick(long now) {
        this.now = now;
        switch (state) {
            case HANDSHAKE -> tickHandshake(now);
            case OPEN -> tickOpen(now);
            case CLOSING -> {
                if (now >= deadline) {
                    end(Ended.closed(closeReason, false));
                } else if (now >= repeatAt) {
                    repeatAt = nextRepeat(now);
                    sendClose();
                }
            }
            case IDLE, CLOSED -> { }
        }
    }

    private long nextRepeat(long now) {
        repeats++;
        return repeats < REPEAT_MILLIS.length ? now + REPEAT_MILLIS[repeats] : Long.MAX_VALUE;
    }

    private void tickHandshake(long now) {
        if (now >= deadline) {
            Optional<Ended> refusal = initiator == null ? Optional.empty() : initiator.lastRefusal();
            end(refusal.orElse(Ended.timeout("no handshake in time")));
        } else if (now >= repeatAt) {
            repeatAt = nextRepeat(now);
            out.frame(lastSent, 0, lastSent.length);
        }
    }

    private void tickOpen(long now) {
        if (now >= deadline) {
            end(Ended.timeout("the handshake was not confirmed in time"));
            return;
        }
        if (now >= repeatAt) {
            repeatAt = nextRepeat(now);
            out.frame(lastSent, 0, lastSent.length);
        }
        if (silence < SILENCE_MILLIS.length && now - lastHeard >= SILENCE_MILLIS[silence]) {
            while (silence < SILENCE_MILLIS.length && now - lastHeard >= SILENCE_MILLIS[silence]) {
                silence++;
            }
            if (silence == SILENCE_MILLIS.length) {
                end(Ended.timeout("nothing heard for 90 s"));
                return;
            }
            sendKeepalive(now);
            outbound.rest();
        }
        traffic.expire(now);
        if (reassembly != null) {
            reassembly.expire(now);
        }
        answers.expire(now);
        rotation.tick(now);
        if (state == State.OPEN && exchanges != null) {
            exchanges.tick(now);
        }
        if (state == State.OPEN && now - lastActive >= settings.limits().idle().toMillis()) {
            if (out.held()) {
                lastActive = now;
            } else {
                close("idle", now);
            }
        }
    }

    /** When {@link #tick} is due next, or {@code Long.MAX_VALUE}. */
    public long nextTick() {
        return switch (state) {
            case IDLE, CLOSED -> Long.MAX_VALUE;
            case HANDSHAKE, CLOSING -> Math.min(deadline, repeatAt);
            case OPEN -> {
                long next = Math.min(Math.min(deadline, repeatAt), lastHeard + SILENCE_MILLIS[silence]);
                next = Math.min(next, Math.min(rotation.nextTick(), traffic.olderUntil()));
                next = Math.min(next, lastActive + settings.limits().idle().toMillis());
                if (exchanges != null) {
                    next = Math.min(next, exchanges.nextTick());
                }
                yield next;
            }
        };
    }

    // What the parts of a session ask of it.

    Settings settings() {
        return settings;
    }

    RandomGenerator random() {
        return random;
    }

    boolean ordered() {
        return line.ordered();
    }

    /** Unix seconds, for the frames of this millisecond. */
    long date() {
        if (datedAt != now) {
            date = settings.clock().unixSeconds();
            datedAt = now;
        }
        return date;
    }

    /** Sends a frame of the handshake, and keeps it for repeating. */
    void emit(byte[] frame) {
        lastSent = line.ordered() ? null : frame;
        answers.sent(frame);
        out.frame(frame, 0, frame.length);
    }

    void issued(Bytes nonce, long expires) {
        issued.add(new Spendable(nonce, expires));
    }

    /** @param resumptionSecret of an initiator, until the ticket comes */
    void open(Established opened, Traffic keys, Secret resumptionSecret, long now) {
        established = opened;
        traffic = keys;
        resumption = resumptionSecret;
        rotation = new Rotation(this, keys, opened.initiator(), now);
        outbound = new Outbound(this, keys, out, opened, line.largestFrame());
        exchanges = line.ordered() ? null : new Exchanges(this);
        confirmed = !opened.initiator();
        counted = !opened.initiator();
        if (confirmed) {
            deadline = Long.MAX_VALUE;
        }
        lastHeard = now;
        lastActive = now;
        state = State.OPEN;
        if (halfOpen != null) {
            halfOpen.done();
        }
        out.opened(opened);
    }

    void checkTimestamp(Frame frame) throws Malformed {
        if (!frame.tier().below(Tier.T3)) {
            checkTimestamp(frame.timestamp());
        }
    }

    void checkTimestamp(long seconds) throws Malformed {
        long off = Math.abs(date() - seconds);
        long limit = settings.limits().skewSeconds();
        if (off > limit && off > settings.clock().toleranceSeconds(limit)) {
            throw new Malformed("its clock is %d s off".formatted(off));
        }
    }

    boolean mayRotate() {
        return state == State.OPEN && confirmed;
    }

    /** Whether the peer's certificate still holds; if not, the session has ended. */
    boolean peerStillValid() {
        Identity peer = established.peer();
        if (peer.roles().contains(Roles.JOINING) || trust.stillValid(peer, settings.clock().unixSeconds())) {
            return true;
        }
        end(new Ended(Ended.Cause.LIMIT, ErrorCode.UNAUTHORIZED, "the peer's certificate is no longer valid",
                false, null));
        return false;
    }

    void rotated(long generation) {
        if (state != State.CLOSED) {
            out.rotated(generation);
        }
    }

    Output out() {
        return out;
    }

    /** Seals one message again, for repeats on an unordered transport. */
    void again(Outgoing message) {
        ArrayDeque<Outgoing> one = new ArrayDeque<>();
        one.add(message);
        try {
            outbound.seal(one);
        } catch (Fatal exhausted) {
            end(Ended.limit(exhausted.getMessage()));
        }
    }

    void ignored() {
        ignoredHandshakes++;
    }

    /** A frame that breaks the protocol: an ordered connection ends, elsewhere it is dropped and counted. */
    private void violation(String reason) {
        dropped++;
        if (line.ordered()) {
            end(Ended.violation(reason));
        }
    }

    void end(Ended ended) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        if (traffic == null) {
            handshake().abandon();
        } else {
            handshake().erase();
            traffic.erase();
            rotation.erase();
            outbound.erase();
        }
        if (resumption != null) {
            resumption.erase();
        }
        if (halfOpen != null) {
            halfOpen.done();
        }
        if (counted) {
            counted = false;
            responder.closed(established.peer());
        }
        lastSent = null;
        out.closed(ended);
    }

    // What others may know.

    /** The session once it is open, or {@code null} before. */
    public Established established() {
        return established;
    }

    public boolean isOpen() {
        return state == State.OPEN;
    }

    public boolean isClosed() {
        return state == State.CLOSED;
    }

    /** Generation of the newest keys; 0 before it is open. */
    public long generation() {
        return traffic == null ? 0 : traffic.generation();
    }

    /** The largest payload of one message at a tier, in bytes; 0 before it is open. */
    public int largestPayload(Tier tier) {
        return outbound == null ? 0 : outbound.largestPayload(tier);
    }

    /** Frames that were no part of this session, or broke its rules. */
    public long dropped() {
        return dropped;
    }

    /** Messages that were authentic and could not be read. */
    public long lost() {
        return lost;
    }

    /** Handshakes above the rate, at a responder. */
    public long ignoredHandshakes() {
        return ignoredHandshakes;
    }

    // For a responder that shares its address with other sessions.

    int sessionId() {
        return responder.sessionId();
    }

    /** Authentic frames so far. */
    long heard() {
        return heard;
    }

    /** Answers to the session's own keepalives so far. */
    long keepaliveAnswers() {
        return keepaliveAnswers;
    }

    /** Whether the last frame that opened was the newest of its direction. */
    boolean openedNewest() {
        return traffic.openedNewest();
    }

    /**
     * Whether the peer has shown that it receives at its address: by its ack-hash, or any frame after a
     * resumption.
     */
    boolean addressProven() {
        return heard > 0 || responder.addressProven();
    }
}
