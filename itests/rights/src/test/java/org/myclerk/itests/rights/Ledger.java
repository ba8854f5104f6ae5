package org.myclerk.itests.rights;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;

import org.myclerk.api.operation.ProtocolException.Refused;

/**
 * What a node has acknowledged, and what it was asked for when it was killed: that is there or not, but not
 * in part. Each key has one writer. Thread-safe.
 */
final class Ledger {

    private static final String OPEN_END = "…";

    private final ConcurrentMap<String, String> acknowledged = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, String> begun = new ConcurrentHashMap<>();
    private final Map<String, Integer> changes = new TreeMap<>();

    /** A call that changes something, and what it says that there is then. */
    interface Call {

        String answer() throws Refused, IOException, InterruptedException;
    }

    /**
     * Makes a change.
     *
     * @param value what is there if the answer does not come; ends with "…" if the node adds to it
     */
    void change(String key, String value, Semaphore answered, Call call)
            throws Refused, IOException, InterruptedException {
        begun.put(key, value);
        String answer = call.answer();
        assertTrue(fits(answer, value), () -> "%s: asked for %s, answered %s".formatted(key, value, answer));
        acknowledged.put(key, answer);
        begun.remove(key);
        count(key);
        answered.release();
    }

    private static boolean fits(String found, String value) {
        return value.endsWith(OPEN_END)
                ? found.startsWith(value.substring(0, value.length() - OPEN_END.length()))
                : found.equals(value);
    }

    private synchronized void count(String key) {
        changes.merge(key.substring(0, key.indexOf(' ')), 1, Integer::sum);
    }

    /** Compares what a node has after a start. */
    void found(String key, String found) {
        String expected = acknowledged.get(key);
        String asked = begun.get(key);
        assertTrue(expected == null || found.equals(expected) || asked != null && fits(found, asked),
                () -> "%s: acknowledged was %s, found is %s, under way was %s".formatted(key, expected, found,
                asked));
        acknowledged.put(key, found);
        begun.remove(key);
    }

    /** How many changes of each kind were acknowledged; the kind is the first word of the key. */
    synchronized Map<String, Integer> changes() {
        return new TreeMap<>(changes);
    }
}
