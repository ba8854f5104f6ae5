package org.myclerk.core.session;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Envelope;
import org.myclerk.api.payload.Payload;

/**
 * Requests and responses over an unordered transport (profile §6): own requests are repeated until answered,
 * a request that comes again is not executed twice but answered from memory. Not thread-safe.
 */
final class Exchanges {

    private static final int MOST_ANSWERS = 256;
    private static final long ANSWER_MILLIS = 60_000;
    private static final long[] WAIT_MILLIS = {1_000, 2_000, 4_000, 4_000};

    private final Session session;
    private final Map<Long, Asked> asked = new HashMap<>();
    private final LinkedHashMap<Long, Answer> answers = new LinkedHashMap<>();
    private long nextTick = Long.MAX_VALUE;

    /** An own request without an answer so far. */
    private static final class Asked {
        final Outgoing message;
        int repeats;
        long due;

        Asked(Outgoing message, long now) {
            this.message = message;
            this.due = now + WAIT_MILLIS[0];
        }
    }

    /** A request of the peer; the response is {@code null} while it is worked on. */
    private static final class Answer {
        Outgoing response;
        long until = Long.MAX_VALUE;
    }

    Exchanges(Session session) {
        this.session = session;
    }

    /** Remembers a request or a response that is about to be sealed; harmless to say twice. */
    void sending(Outgoing message, long now) {
        Envelope envelope;
        try {
            envelope = Payload.decode(message.payload(), 0, message.length()).envelope();
        } catch (Malformed notOurs) {
            return;
        }
        if (envelope.isRequest()) {
            if (asked.putIfAbsent(envelope.rid(), new Asked(message, now)) == null) {
                nextTick = Math.min(nextTick, now + WAIT_MILLIS[0]);
            }
        } else if (envelope.isResponse() && envelope.rid() != 0) {
            Answer answer = answers.computeIfAbsent(envelope.rid(), _ -> new Answer());
            answer.response = message;
            answer.until = now + ANSWER_MILLIS;
            trim(now);
        }
    }

    /** Takes note of a message. @return false if it is a request that was seen before, which is dealt with */
    boolean received(Envelope envelope, long now) {
        if (envelope.isResponse()) {
            asked.remove(envelope.rid());
            return true;
        }
        if (!envelope.isRequest()) {
            return true;
        }
        Answer known = answers.get(envelope.rid());
        if (known != null && now < known.until) {
            if (known.response != null) {
                session.again(known.response);
            }
            return false;
        }
        answers.put(envelope.rid(), new Answer());
        trim(now);
        return true;
    }

    private void trim(long now) {
        for (Iterator<Answer> oldest = answers.values().iterator(); oldest.hasNext();) {
            Answer answer = oldest.next();
            if (answers.size() <= MOST_ANSWERS && answer.until > now) {
                return;
            }
            oldest.remove();
        }
    }

    void tick(long now) {
        if (now < nextTick) {
            return;
        }
        nextTick = Long.MAX_VALUE;
        List<Outgoing> again = new ArrayList<>();
        List<Long> unanswered = new ArrayList<>();
        for (Iterator<Map.Entry<Long, Asked>> i = asked.entrySet().iterator(); i.hasNext();) {
            Map.Entry<Long, Asked> entry = i.next();
            Asked request = entry.getValue();
            if (now >= request.due) {
                request.repeats++;
                if (request.repeats == WAIT_MILLIS.length) {
                    i.remove();
                    unanswered.add(entry.getKey());
                    continue;
                }
                request.due = now + WAIT_MILLIS[request.repeats];
                again.add(request.message);
            }
            nextTick = Math.min(nextTick, request.due);
        }
        again.forEach(session::again);
        unanswered.forEach(session.out()::unanswered);
    }

    long nextTick() {
        return nextTick;
    }
}
