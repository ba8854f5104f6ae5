package org.myclerk.core.crypto;

import java.io.IOException;

import org.myclerk.api.operation.ProtocolException.Malformed;

/**
 * The primitives that more than one library has here, and that sessions spend their time in. All providers
 * decide alike about every input. Thread-safe.
 */
public sealed interface CryptoProvider extends AutoCloseable permits AutoCrypto, JdkCrypto, Libcrypto {

    /**
     * The provider of a setting.
     *
     * @param setting {@code auto}, {@code jdk} or {@code libcrypto}
     * @throws IOException if the library that is asked for cannot be used; says why
     * @throws IllegalArgumentException if the setting is none of the three
     */
    static CryptoProvider of(String setting) throws IOException {
        return switch (setting) {
            case "auto" -> auto();
            case "jdk" -> JdkCrypto.JDK;
            case "libcrypto" -> Libcrypto.load();
            default -> throw new IllegalArgumentException("it is auto, jdk or libcrypto");
        };
    }

    /** The JDK until there is something to do, then libcrypto if it is there. */
    static CryptoProvider auto() {
        return new AutoCrypto();
    }

    /** Whose code runs, for people. */
    String name();

    /** @param key 32 bytes; borrowed, once it is erased the AEAD is useless */
    NonceIsYoursAead aead(Secret key);

    /** @param key up to 64 bytes; taken over, and erased as soon as it is not needed any more */
    Hmac hmac(Secret key);

    /**
     * The X25519 shared secret (RFC 7748).
     *
     * @throws Malformed if it is all zero, which only a forged public key gives, or the key is not 32 bytes
     */
    byte[] x25519(byte[] privateKey, byte[] peerKey) throws Malformed;

    /**
     * Frees what is kept outside the heap between two uses. What this provider made works on, at more cost.
     */
    @Override
    void close();
}
