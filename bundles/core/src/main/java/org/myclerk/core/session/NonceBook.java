package org.myclerk.core.session;

import java.util.HashMap;
import java.util.Map;

import org.myclerk.api.payload.Bytes;

/** Which tickets were used (profile §12). Thread-safe; an answer is durable as far as the book is. */
public interface NonceBook {

    /**
     * Marks a ticket nonce as used.
     *
     * @param nonce 8 bytes
     * @param expires Unix seconds; the mark may be forgotten then
     * @return false if it was used before
     */
    boolean use(Bytes nonce, long expires, long now);

    /** A book that dies with the process, as the keys of its tickets do. */
    static NonceBook inMemory() {
        Map<Bytes, Long> used = new HashMap<>();
        return (nonce, expires, now) -> {
            synchronized (used) {
                if (used.size() >= 4096 && (used.size() & used.size() - 1) == 0) {
                    used.values().removeIf(end -> end <= now);
                }
                return used.putIfAbsent(nonce, expires) == null;
            }
        };
    }
}
