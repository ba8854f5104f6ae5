package org.myclerk.core.trust;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.payload.Size;
import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.crypto.VerifyingKey;

/**
 * Bytes and the signature over exactly these bytes (profile §10): the outer map of certificates and
 * revocation lists.
 *
 * @param body a MessagePack map, never encoded again
 */
public record SignedBody(Bytes body, @Size(min = 64, max = 64) Bytes sig) {

    private static final PayloadCodec<SignedBody> CODEC = PayloadCodec.of(SignedBody.class);

    static SignedBody sign(Secret root, String label, Bytes body) {
        return new SignedBody(body,
                Bytes.wrap(KeySchedule.sign(root, Crypto.ed25519PublicKey(root.bytes()), label,
                body.toArray())));
    }

    static SignedBody parse(Bytes encoded, String what) throws Malformed {
        return Maps.read(CODEC, encoded, what);
    }

    Bytes encoded() {
        return Maps.write(CODEC, this);
    }

    boolean signedBy(Bytes rootKey, String label) {
        return KeySchedule.verify(new VerifyingKey(rootKey), label, body.toArray(), sig.toArray());
    }
}
