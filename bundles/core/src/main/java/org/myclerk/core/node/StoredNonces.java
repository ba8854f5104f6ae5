package org.myclerk.core.node;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.payload.Range;
import org.myclerk.api.store.Store;
import org.myclerk.core.session.NonceBook;

/**
 * Used tickets, kept in the store as well (profile §12). The answer comes from memory, the write follows: the keys of
 * the tickets die with the process, so a mark that a crash swallowed marks a ticket that nobody can open. Thread-safe.
 */
final class StoredNonces implements NonceBook {

    static final String BUCKET = "core.tickets";

    private static final PayloadCodec<Mark> CODEC = PayloadCodec.of(Mark.class);
    private static final int SWEEP = 1024;

    /** Until when a ticket must stay marked, Unix seconds. */
    public record Mark(@Range long expires) {
    }

    private final Store store;
    private final Map<Bytes, Long> used = new ConcurrentHashMap<>();

    /** @param now Unix seconds; what has expired is forgotten */
    StoredNonces(Store store, long now) {
        this.store = store;
        List<Store.Change> stale = new ArrayList<>();
        for (Store.Entry entry : store.all(BUCKET)) {
            long expires = expires(entry.value());
            if (expires > now) {
                used.put(Bytes.ofHex(entry.key()), expires);
            } else {
                stale.add(new Store.Change.Remove(BUCKET, entry.key()));
            }
        }
        if (!stale.isEmpty()) {
            store.write(stale);
        }
    }

    private static long expires(Bytes encoded) {
        try {
            return CODEC.read(Payload.decode(encoded)).expires;
        } catch (Malformed | Refused damaged) {
            return 0;
        }
    }

    /** All marks, for the next version of this bundle: those just made may not be in the store yet. */
    Map<String, Long> handOver() {
        Map<String, Long> marks = new HashMap<>();
        used.forEach((nonce, expires) -> marks.put(nonce.toHex(), expires));
        return marks;
    }

    void takeOver(Map<?, ?> marks) {
        marks.forEach((nonce, expires) -> used.put(Bytes.ofHex((String) nonce), (Long) expires));
    }

    @Override
    public boolean use(Bytes nonce, long expires, long now) {
        if (used.putIfAbsent(nonce, expires) != null) {
            return false;
        }
        List<Store.Change> changes = new ArrayList<>();
        changes.add(new Store.Change.Put(BUCKET, nonce.toHex(), CODEC.encode(new Mark(expires)).encoded()));
        if (used.size() % SWEEP == 0) {
            used.forEach((old, end) -> {
                if (end <= now && used.remove(old, end)) {
                    changes.add(new Store.Change.Remove(BUCKET, old.toHex()));
                }
            });
        }
        Thread.ofVirtual().name("mark ticket").start(() -> store.write(changes));
        return true;
    }
}
