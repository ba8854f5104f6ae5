package org.myclerk.core.frame;

import java.security.GeneralSecurityException;

import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;

import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.Secret;

/**
 * ChaCha20-Poly1305 (§4, RFC 8439). The nonce is the caller's: only the two halves of a session, which own the counter,
 * can promise that none comes twice under a key. Not thread-safe.
 */
final class Aead {

    private final Cipher cipher = Crypto.newChaCha20Poly1305();
    private final Key key;

    /** @param key 32 bytes; borrowed, once it is erased this is useless */
    Aead(Secret key) {
        this.key = new Key(key);
    }

    /** Encrypts in place: the ciphertext takes the place of the plaintext, 16 bytes of tag follow. */
    void seal(byte[] array, int associatedAt, int associated, int plaintextAt, int plaintext, byte[] nonce) {
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(nonce));
            cipher.updateAAD(array, associatedAt, associated);
            cipher.doFinal(array, plaintextAt, plaintext, array, plaintextAt);
        } catch (GeneralSecurityException bug) {
            throw new IllegalStateException("cannot seal", bug);
        }
    }

    /**
     * Decrypts ciphertext and tag into an array of its own.
     *
     * @return false if anything was altered; then nothing was written
     */
    boolean open(byte[] array, int associatedAt, int associated, int sealedAt, int sealed, byte[] nonce,
            byte[] plaintext) {
        try {
            cipher.init(Cipher.DECRYPT_MODE, key, new IvParameterSpec(nonce));
            cipher.updateAAD(array, associatedAt, associated);
            cipher.doFinal(array, sealedAt, sealed, plaintext, 0);
            return true;
        } catch (AEADBadTagException altered) {
            return false;
        } catch (GeneralSecurityException bug) {
            throw new IllegalStateException("cannot open", bug);
        }
    }

    /** A key that can be erased, which a SecretKeySpec cannot. */
    private static final class Key implements SecretKey {

        private final transient Secret secret;

        private Key(Secret secret) {
            this.secret = secret;
        }

        @Override
        public String getAlgorithm() {
            return "ChaCha20";
        }

        @Override
        public String getFormat() {
            return "RAW";
        }

        @Override
        public byte[] getEncoded() {
            return secret.bytes().clone();
        }
    }
}
