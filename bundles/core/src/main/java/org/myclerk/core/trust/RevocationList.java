package org.myclerk.core.trust;

import java.util.List;
import java.util.Set;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;

/**
 * The certificates a family takes back, whole and numbered; a higher number replaces a lower (profile §10).
 */
public final class RevocationList {

    private static final String LABEL = "revocations";
    private static final PayloadCodec<Body> CODEC = PayloadCodec.of(Body.class);

    /**
     * What is signed.
     *
     * @param v 0
     * @param family 16 bytes
     * @param issued Unix seconds
     * @param next Unix seconds at which a newer list is due
     */
    public record Body(@Range(max = 0) int v, @Size(min = 16, max = 16) Bytes family, @Range long number,
            @Range long issued, @Range long next, @Range List<Long> serials) {

        public Body {
            serials = List.copyOf(serials);
        }
    }

    private final SignedBody signed;
    private final Body body;
    private final Set<Long> serials;
    private final Bytes encoded;

    private RevocationList(SignedBody signed, Body body, Bytes encoded) {
        this.signed = signed;
        this.body = body;
        this.serials = Set.copyOf(body.serials);
        this.encoded = encoded;
    }

    public static RevocationList issue(Secret rootSeed, Body body) {
        SignedBody signed = SignedBody.sign(rootSeed, LABEL, Maps.write(CODEC, body));
        return new RevocationList(signed, body, signed.encoded());
    }

    /** @throws Malformed if the bytes are no revocation list; the signature is not looked at */
    public static RevocationList parse(Bytes encoded) throws Malformed {
        SignedBody signed = SignedBody.parse(encoded, "revocation list");
        return new RevocationList(signed, Maps.read(CODEC, signed.body(), "revocation list body"), encoded);
    }

    /** Whether this root's key made the signature over the bytes received, and the family is that root's. */
    public boolean signedBy(Bytes rootKey) {
        return Bytes.wrap(KeySchedule.familyId(rootKey.toArray())).equals(body.family)
                && signed.signedBy(rootKey, LABEL);
    }

    public boolean names(long serial) {
        return serials.contains(serial);
    }

    public Body body() {
        return body;
    }

    public Bytes family() {
        return body.family;
    }

    public long number() {
        return body.number;
    }

    /** As received or issued. */
    public Bytes encoded() {
        return encoded;
    }

    @Override
    public String toString() {
        return "revocation list %d with %d serials".formatted(body.number, serials.size());
    }
}
