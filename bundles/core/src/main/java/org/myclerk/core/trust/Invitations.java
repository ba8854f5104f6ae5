package org.myclerk.core.trust;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;
import org.myclerk.api.store.Store;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;

/**
 * The invitations that this node gave: open, or used and waiting for the node to register. One use, five
 * failures, one end (profile §10). They survive a restart; whatever was used, burnt or ran out is gone for
 * good.
 */
final class Invitations {

    static final int FAILURES = 5;

    /** Seconds after its end in which a node that used an invitation in time may still register. */
    static final long REGISTRATION = 60;

    private static final String BUCKET = "core.invitations";
    private static final PayloadCodec<Kept> CODEC = PayloadCodec.of(Kept.class);

    /**
     * An invitation in the store, under the psk-id in hexadecimal.
     *
     * @param psk 32 bytes, absent once used
     * @param exp Unix seconds
     * @param usedBy the key that joins, 32 bytes
     */
    public record Kept(@Size(min = 32, max = 32) Optional<Bytes> psk, String role, @Range long exp,
            @Range int failures, @Size(min = 32, max = 32) Optional<Bytes> usedBy) {
    }

    /** A used invitation, taken by the enrolment that it allows. */
    record Claim(Bytes id, Kept kept) {

        String role() {
            return kept.role;
        }
    }

    private final WriteBehind writer;
    private final Map<Bytes, Kept> kept = new HashMap<>();

    Invitations(Store store, WriteBehind writer) {
        this.writer = writer;
        for (Store.Entry entry : store.all(BUCKET)) {
            try {
                Kept read = Maps.read(CODEC, entry.value(), "invitation");
                kept.put(Bytes.ofHex(entry.key()), read);
            } catch (Malformed | IllegalArgumentException damaged) {
                writer.remove(BUCKET, entry.key());
            }
        }
    }

    synchronized void add(Secret psk, String role, long exp) {
        Bytes copy = Bytes.wrap(psk.bytes().clone());
        keep(Bytes.wrap(KeySchedule.pskId(psk)), new Kept(Optional.of(copy), role, exp, 0, Optional.empty()));
    }

    /** The pre-shared key of an open invitation, a copy. */
    synchronized Optional<Secret> open(Bytes id, long now) {
        Kept found = kept.get(id);
        return found == null || now > found.exp ? Optional.empty()
                : found.psk.map(psk -> Secret.wrap(psk.toArray()));
    }

    synchronized boolean tried(Bytes id, Bytes joiningKey, boolean verified) {
        Kept found = kept.get(id);
        if (found == null || found.usedBy.isPresent()) {
            return false;
        }
        if (verified) {
            // One that the same node used before without registering must not decide its role.
            claim(joiningKey, 0);
            keep(id, new Kept(Optional.empty(), found.role, found.exp, found.failures,
                    Optional.of(joiningKey)));
        } else if (found.failures + 1 >= FAILURES) {
            drop(id);
        } else {
            keep(id, new Kept(found.psk, found.role, found.exp, found.failures + 1, Optional.empty()));
        }
        return true;
    }

    /** Takes the used invitation of a key; nobody gets it a second time. */
    synchronized Optional<Claim> claim(Bytes joiningKey, long now) {
        for (Map.Entry<Bytes, Kept> entry : kept.entrySet()) {
            Kept each = entry.getValue();
            if (each.usedBy.equals(Optional.of(joiningKey)) && now <= each.exp + REGISTRATION) {
                Claim claim = new Claim(entry.getKey(), each);
                drop(claim.id);
                return Optional.of(claim);
            }
        }
        return Optional.empty();
    }

    /** Puts a claim back whose enrolment failed through no fault of the joining node. */
    synchronized void unclaim(Claim claim) {
        keep(claim.id, claim.kept);
    }

    /** Forgets what ran out. */
    synchronized void purge(long now) {
        for (Bytes id : kept.keySet().toArray(Bytes[]::new)) {
            if (now > kept.get(id).exp + REGISTRATION) {
                drop(id);
            }
        }
    }

    synchronized void clear() {
        for (Bytes id : kept.keySet().toArray(Bytes[]::new)) {
            drop(id);
        }
    }

    /** Whether a node may still come with an invitation. */
    synchronized boolean awaited(long now) {
        return kept.values().stream().anyMatch(each -> now <= each.exp + REGISTRATION);
    }

    private void keep(Bytes id, Kept value) {
        kept.put(id, value);
        writer.put(BUCKET, id.toHex(), Maps.write(CODEC, value));
    }

    private void drop(Bytes id) {
        kept.remove(id);
        writer.remove(BUCKET, id.toHex());
    }
}
