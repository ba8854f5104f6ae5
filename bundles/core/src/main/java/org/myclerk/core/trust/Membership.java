package org.myclerk.core.trust;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * To which family an identity belongs: everything that changes when it joins another, in one file, so that a
 * crash leaves the old family or the new.
 *
 * @param v 0
 * @param root public key of the family's root, 32 bytes
 * @param cert the identity's certificate
 * @param psk the family's pre-shared key, if it has one
 * @param inviter id of the node that certified this one, if it joined
 */
public record Membership(@Range(max = 0) int v, @Size(min = 32, max = 32) Bytes root, Bytes cert,
        @Size(min = 32, max = 32) Optional<Bytes> psk, @Size(min = 16, max = 16) Optional<Bytes> inviter) {

    private static final PayloadCodec<Membership> CODEC = PayloadCodec.of(Membership.class);

    static Membership of(Bytes root, Certificate certificate) {
        return new Membership(0, root, certificate.encoded(), Optional.empty(), Optional.empty());
    }

    /**
     * @throws IOException if the file is missing, readable by others or damaged, with a sentence for people
     */
    static Membership read(Path file, Bytes ownKey) throws IOException {
        try {
            Membership read = Maps.read(CODEC, Bytes.wrap(OwnerOnlyFiles.read(file)), "membership");
            Certificate certificate = Certificate.parse(read.cert);
            if (!certificate.signedBy(read.root)
                    || !certificate.body().key().equals(ownKey)) {
                throw new Malformed("certificate does not belong to key and root");
            }
            return read;
        } catch (Malformed damaged) {
            throw new IOException("certificate file %s is damaged; restore it from a backup".formatted(file),
                    damaged);
        }
    }

    void write(Path file) throws IOException {
        OwnerOnlyFiles.write(file, Maps.write(CODEC, this).toArray());
    }

    /** Its certificate anew, everything else unchanged. */
    Membership with(Certificate renewed) {
        return new Membership(v, root, renewed.encoded(), psk, inviter);
    }

    public Certificate certificate() {
        try {
            return Certificate.parse(cert);
        } catch (Malformed impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
