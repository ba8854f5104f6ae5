package org.myclerk.core.session;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;

/**
 * The keys under which a responder seals tickets (profile §12), and which of those were used: in memory,
 * because no ticket opens without its key (decision 81). A key is a day old at most; the one before is kept
 * until its tickets have expired. Thread-safe, shared by all sessions of a node.
 */
public final class TicketKeys {

    private static final long KEY_AGE_SECONDS = 24 * 3600;
    private static final int CLOCK_TOLERANCE_SECONDS = 300;
    private static final int PLAINTEXT = 64;
    /**
     * Twice the sessions a node has at once, so that those that are open or have just ended are among them.
     */
    private static final int MOST_REMEMBERED = 8192;
    /** Marks from which on those of expired tickets are looked for, whenever their number has doubled. */
    private static final int MANY_USED = 4096;

    private final RandomGenerator random;
    private final Map<Bytes, Bytes> sessions = new LinkedHashMap<>();
    /** Nonce and expiry of each ticket that was used. */
    private final Map<Bytes, Long> used = new HashMap<>();
    private Secret current;
    private long currentSince;
    private Secret previous;
    private long previousUntil;

    /**
     * @param random for the keys; unpredictable
     */
    public TicketKeys(RandomGenerator random) {
        this.random = random;
    }

    /** A ticket on its way to the initiator. */
    record Issued(Bytes ticket, Bytes iv, Bytes tag, long lifetimeSeconds, Bytes nonce, long expires) {
    }

    /** A ticket that opened. Its nonce is not marked yet. */
    record Opened(Secret resumptionSecret, Bytes node, Bytes nonce, long expires) {
    }

    /** @param session uid; remembered, because a ticket has no room for it */
    synchronized Issued issue(RandomGenerator random, Secret resumptionSecret, Bytes node, int sessionId,
            Bytes session, Duration lifetime, long now) {
        renew(now);
        long seconds = Math.min(lifetime.toSeconds(), KEY_AGE_SECONDS);
        byte[] nonce = Crypto.random(random, 8);
        byte[] iv = Crypto.random(random, 12);
        byte[] plaintext = ByteBuffer.allocate(PLAINTEXT).put(resumptionSecret.bytes()).put(node.toArray())
                .putInt((int) now).putInt((int) (now + seconds)).put(nonce).array();
        byte[] sealed = Crypto.aesGcmSeal(current.bytes(), iv, KeySchedule.ticketAssociated(sessionId),
                plaintext);
        Arrays.fill(plaintext, (byte) 0);
        remember(Bytes.wrap(nonce), session);
        return new Issued(Bytes.wrap(sealed, 0, PLAINTEXT), Bytes.wrap(iv), Bytes.wrap(sealed, PLAINTEXT,
                Crypto.TAG), seconds, Bytes.wrap(nonce), now + seconds);
    }

    private void remember(Bytes nonce, Bytes session) {
        if (sessions.size() >= MOST_REMEMBERED) {
            sessions.remove(sessions.keySet().iterator().next());
        }
        sessions.put(nonce, session);
    }

    /** The uid of the session that a ticket came with, empty if that is forgotten; asked once. */
    synchronized Bytes sessionOf(Bytes nonce) {
        Bytes session = sessions.remove(nonce);
        return session == null ? Bytes.EMPTY : session;
    }

    private void renew(long now) {
        if (previous != null && now >= previousUntil) {
            previous.erase();
            previous = null;
        }
        if (current != null && now - currentSince >= KEY_AGE_SECONDS) {
            if (previous != null) {
                previous.erase();
            }
            previous = current;
            previousUntil = now + KEY_AGE_SECONDS;
            current = null;
        }
        if (current == null) {
            current = Secret.wrap(Crypto.random(random, Crypto.KEY));
            currentSince = now;
        }
    }

    /** @throws Malformed if it is unknown, altered or expired */
    synchronized Opened open(int sessionId, Bytes ticket, Bytes iv, Bytes tag, long now) throws Malformed {
        renew(now);
        byte[] sealed = new byte[PLAINTEXT + Crypto.TAG];
        ticket.copyTo(sealed, 0);
        tag.copyTo(sealed, PLAINTEXT);
        byte[] associated = KeySchedule.ticketAssociated(sessionId);
        byte[] plaintext;
        try {
            plaintext = Crypto.aesGcmOpen(current.bytes(), iv.toArray(), associated, sealed);
        } catch (Malformed altered) {
            if (previous == null) {
                throw altered;
            }
            plaintext = Crypto.aesGcmOpen(previous.bytes(), iv.toArray(), associated, sealed);
        }
        ByteBuffer in = ByteBuffer.wrap(plaintext);
        byte[] secret = new byte[32];
        byte[] node = new byte[16];
        byte[] nonce = new byte[8];
        in.get(secret).get(node);
        long issued = in.getInt() & 0xFFFF_FFFFL;
        long expires = in.getInt() & 0xFFFF_FFFFL;
        in.get(nonce);
        Arrays.fill(plaintext, (byte) 0);
        if (now < issued - CLOCK_TOLERANCE_SECONDS || now >= expires) {
            throw new Malformed("ticket expired");
        }
        return new Opened(Secret.wrap(secret), Bytes.wrap(node), Bytes.wrap(nonce), expires);
    }

    /**
     * Marks a ticket as used until it expires.
     *
     * @param expires Unix seconds
     * @return false if it was used before
     */
    synchronized boolean use(Bytes nonce, long expires, long now) {
        int size = used.size();
        if (size >= MANY_USED && (size & size - 1) == 0) {
            used.values().removeIf(end -> end <= now);
        }
        return used.putIfAbsent(nonce, expires) == null;
    }

    /**
     * Keys and marks for the next version of this bundle, so that clients resume after an upgrade: JDK types
     * only. This object issues and opens nothing afterwards that the next one would not.
     */
    public synchronized Map<String, Object> handOver() {
        Map<String, Object> state = new HashMap<>();
        if (current != null) {
            state.put("current", current.bytes().clone());
            state.put("current-since", currentSince);
        }
        if (previous != null) {
            state.put("previous", previous.bytes().clone());
            state.put("previous-until", previousUntil);
        }
        if (!sessions.isEmpty()) {
            Map<String, String> known = new LinkedHashMap<>();
            sessions.forEach((nonce, session) -> known.put(nonce.toHex(), session.toHex()));
            state.put("sessions", known);
        }
        if (!used.isEmpty()) {
            Map<String, Long> marks = new HashMap<>();
            used.forEach((nonce, expires) -> marks.put(nonce.toHex(), expires));
            state.put("used", marks);
        }
        return state;
    }

    /** Goes on with what {@link #handOver} gave; what it does not know is left out. */
    public synchronized void takeOver(Map<String, Object> state) {
        if (state.get("current") instanceof byte[] key && key.length == Crypto.KEY
                && state.get("current-since") instanceof Long since) {
            current = Secret.wrap(key.clone());
            currentSince = since;
        }
        if (state.get("previous") instanceof byte[] key && key.length == Crypto.KEY
                && state.get("previous-until") instanceof Long until) {
            previous = Secret.wrap(key.clone());
            previousUntil = until;
        }
        if (state.get("sessions") instanceof Map<?, ?> known) {
            known.forEach((nonce, session) -> remember(Bytes.ofHex((String) nonce),
                    Bytes.ofHex((String) session)));
        }
        if (state.get("used") instanceof Map<?, ?> marks) {
            marks.forEach((nonce, expires) -> used.put(Bytes.ofHex((String) nonce), (Long) expires));
        }
    }

    /** Overwrites all keys: every ticket becomes worthless. */
    public synchronized void erase() {
        sessions.clear();
        used.clear();
        if (current != null) {
            current.erase();
            current = null;
        }
        if (previous != null) {
            previous.erase();
            previous = null;
        }
    }
}
