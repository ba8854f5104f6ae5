package org.myclerk.core.frame;

import java.security.GeneralSecurityException;

import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;

import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.Secret;

/**
 * ChaCha20-Poly1305 (§4, RFC 8439) for whoever can promise that no nonce comes twice under its key: the two halves of
 * a session, which own the counter. One thread at a time.
 */
final class NonceIsYoursAead {

    private Cipher cipher = Crypto.newChaCha20Poly1305();
    private final Key key;

    /** @param key 32 bytes; copied */
    NonceIsYoursAead(Secret key) {
        this.key = new Key(Secret.wrap(key.bytes().clone()));
    }

    /** Encrypts in place: the text is replaced by the ciphertext, followed by 16 bytes of tag. */
    void seal(byte[] array, int associatedAt, int associatedLength, int textAt, int textLength, byte[] nonce) {
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(nonce));
            cipher.updateAAD(array, associatedAt, associatedLength);
            cipher.doFinal(array, textAt, textLength, array, textAt);
        } catch (GeneralSecurityException bug) {
            throw new IllegalStateException("cannot seal", bug);
        }
    }

    /**
     * Decrypts into another array, which is written to only if the tag is right.
     *
     * @param sealedLength of ciphertext and tag
     * @param text as long as the ciphertext
     * @return false if anything was altered
     */
    boolean open(byte[] array, int associatedAt, int associatedLength, int sealedAt, int sealedLength, byte[] nonce,
            byte[] text) {
        try {
            cipher.init(Cipher.DECRYPT_MODE, key, new IvParameterSpec(nonce));
            cipher.updateAAD(array, associatedAt, associatedLength);
            cipher.doFinal(array, sealedAt, sealedLength, text, 0);
            return true;
        } catch (AEADBadTagException altered) {
            return false;
        } catch (GeneralSecurityException bug) {
            throw new IllegalStateException("cannot open", bug);
        }
    }

    /** Overwrites the key and lets go of the cipher, which has a copy. Not to be used any more. */
    void erase() {
        key.secret.erase();
        cipher = null;
    }

    /** A key that can be overwritten, which SecretKeySpec cannot. */
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
