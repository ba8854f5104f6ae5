package org.myclerk.core.trust;

import java.util.Optional;
import java.util.function.Supplier;

import org.myclerk.api.payload.Bytes;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.session.Credentials;

/** A key in this process's memory, and the certificate that is in force for it at the moment. */
final class KeyCredentials implements Credentials {

    private final Secret seed;
    private final Bytes publicKey;
    private final Supplier<Optional<Certificate>> certificate;
    private final Supplier<Optional<Bytes>> revocations;

    /** @param publicKey of the seed */
    KeyCredentials(Secret seed, Bytes publicKey, Supplier<Optional<Certificate>> certificate,
            Supplier<Optional<Bytes>> revocations) {
        this.seed = seed;
        this.publicKey = publicKey;
        this.certificate = certificate;
        this.revocations = revocations;
    }

    @Override
    public Bytes node() {
        return certificate.get().map(Certificate::node).orElse(Bytes.EMPTY);
    }

    @Override
    public Bytes publicKey() {
        return publicKey;
    }

    @Override
    public Optional<Bytes> certificate() {
        return certificate.get().map(Certificate::encoded);
    }

    @Override
    public byte[] sign(String label, byte[] message) {
        return KeySchedule.sign(seed, publicKey.toArray(), label, message);
    }

    @Override
    public Optional<Bytes> revocations() {
        return revocations.get();
    }

    @Override
    public String toString() {
        return "credentials of " + certificate.get().map(Certificate::name).orElse("a joining node");
    }
}
