package org.myclerk.core.trust;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;

/**
 * Says which key a node has and which roles, signed by the root of a family (profile §10). Immutable; a
 * parsed one is well-formed, and believed only after {@link #signedBy}.
 */
public final class Certificate {

    /** How far a beginning may lie in the future, in seconds. */
    static final long TOLERANCE = 300;

    /** How long one holds that is issued or renewed here, in seconds. */
    static final long YEAR = 365 * 86_400L;

    private static final String LABEL = "certificate";
    private static final Pattern CONTROL = Pattern.compile("\\p{C}");
    private static final PayloadCodec<Body> CODEC = PayloadCodec.of(Body.class);

    /**
     * What is signed.
     *
     * @param v 0
     * @param family 16 bytes
     * @param serial unique within the family, 0..2^63-1
     * @param device the node's id, 16 bytes
     * @param key Ed25519 public key, 32 bytes
     * @param nbf Unix seconds from which it holds
     * @param exp the last Unix second at which it holds
     */
    public record Body(@Range(max = 0) int v, @Size(min = 16, max = 16) Bytes family, @Range long serial,
            @Size(min = 16, max = 16) Bytes device, @Size(min = 32, max = 32) Bytes key, List<String> roles,
            @Range long nbf, @Range long exp, Optional<String> name) {

        public Body {
            roles = List.copyOf(roles);
        }
    }

    private final SignedBody signed;
    private final Body body;
    private final Bytes encoded;

    private Certificate(SignedBody signed, Body body, Bytes encoded) {
        this.signed = signed;
        this.body = body;
        this.encoded = encoded;
    }

    /** Signs with the seed of the family's root key. */
    public static Certificate issue(Secret rootSeed, Body body) {
        SignedBody signed = SignedBody.sign(rootSeed, LABEL, Maps.write(CODEC, body));
        return new Certificate(signed, body, signed.encoded());
    }

    /**
     * The same anew, for a year from now. It keeps its beginning: should the clock that says "now" run ahead,
     * the certificate is not without force when the clock is set.
     */
    Certificate renewed(Secret rootSeed, String name, long now, long serial) {
        return issue(rootSeed, new Body(0, body.family, serial, body.device, body.key, body.roles, body.nbf,
                now + YEAR, Optional.of(name)));
    }

    /** @throws Malformed if the bytes are no certificate; the signature is not looked at */
    public static Certificate parse(Bytes encoded) throws Malformed {
        SignedBody signed = SignedBody.parse(encoded, "certificate");
        return new Certificate(signed, Maps.read(CODEC, signed.body(), "certificate body"), encoded);
    }

    /** Whether this root's key made the signature over the bytes received, and the family is that root's. */
    public boolean signedBy(Bytes rootKey) {
        return Bytes.wrap(KeySchedule.familyId(rootKey.toArray())).equals(body.family)
                && signed.signedBy(rootKey, LABEL);
    }

    /** Whether it has begun, give or take five minutes. */
    public boolean begun(long now) {
        return body.nbf - TOLERANCE <= now;
    }

    public boolean expired(long now) {
        return now > body.exp;
    }

    /**
     * Unix seconds from which it is renewed: two thirds of its time have passed. One that was renewed kept
     * its beginning, so of its time the last year counts.
     */
    public long renewalFrom() {
        return body.exp - Math.min(body.exp - body.nbf, YEAR) / 3;
    }

    public Body body() {
        return body;
    }

    public Bytes family() {
        return body.family;
    }

    public Bytes node() {
        return body.device;
    }

    public long serial() {
        return body.serial;
    }

    /** The name, with nothing in it that moves a terminal's cursor, or the node id in hexadecimal. */
    public String name() {
        return body.name.filter(name -> !name.isBlank()).map(name -> CONTROL.matcher(name).replaceAll("?"))
                .orElseGet(() -> body.device.toHex());
    }

    /** As received or issued. */
    public Bytes encoded() {
        return encoded;
    }

    @Override
    public String toString() {
        return "certificate %x of %s".formatted(body.serial, name());
    }
}
