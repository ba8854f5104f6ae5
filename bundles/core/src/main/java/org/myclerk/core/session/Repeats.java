package org.myclerk.core.session;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/**
 * Identical answers to identical frames of a handshake, on unordered transports (profile §17): for 10 s a
 * responder answers a repeated frame with the very bytes it sent before. Not thread-safe.
 */
final class Repeats {

    private static final long MILLIS = 10_000;

    private List<Answered> answered = List.of();
    private Answered current;

    private record Answered(byte[] frame, List<byte[]> answers, long until) {
    }

    /** From here on {@link #sent} frames answer this one. */
    void begin(byte[] frame, long now, boolean keep) {
        current = keep ? new Answered(frame, new ArrayList<>(), now + MILLIS) : null;
    }

    void sent(byte[] frame) {
        if (current != null) {
            current.answers.add(frame);
        }
    }

    void end() {
        if (current != null && !current.answers.isEmpty()) {
            if (answered.isEmpty()) {
                answered = new ArrayList<>();
            }
            answered.add(current);
        }
        current = null;
    }

    boolean repeat(byte[] frame, long now, Output out) {
        return repeat(frame, 0, frame.length, now, out);
    }

    /** Answers a frame that was answered before. @return false if it was not */
    boolean repeat(byte[] array, int offset, int length, long now, Output out) {
        for (Answered before : answered) {
            if (now < before.until
                    && Arrays.equals(before.frame, 0, before.frame.length, array, offset, offset + length)) {
                before.answers.forEach(answer -> out.frame(answer, 0, answer.length));
                return true;
            }
        }
        return false;
    }

    void expire(long now) {
        for (Iterator<Answered> i = answered.iterator(); i.hasNext();) {
            if (now >= i.next().until) {
                i.remove();
            }
        }
    }
}
