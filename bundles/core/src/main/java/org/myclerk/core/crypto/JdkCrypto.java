package org.myclerk.core.crypto;

import java.security.GeneralSecurityException;

import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;

import org.bouncycastle.math.ec.rfc7748.X25519;
import org.myclerk.api.operation.ProtocolException.Malformed;

/** ChaCha20-Poly1305 of the JDK and X25519 of Bouncy Castle: there on every machine. */
final class JdkCrypto implements CryptoProvider {

    /** It has no state. */
    static final JdkCrypto JDK = new JdkCrypto();

    private static final String CIPHERS = "SunJCE";

    private JdkCrypto() {
    }

    @Override
    public String name() {
        return "the JDK %d with Bouncy Castle".formatted(Runtime.version().feature());
    }

    @Override
    public NonceIsYoursAead aead(Secret key) {
        return new Aead(key);
    }

    @Override
    public Hmac hmac(Secret key) {
        JdkHmac hmac = new JdkHmac(key.bytes());
        key.erase();
        return hmac;
    }

    @Override
    public byte[] x25519(byte[] privateKey, byte[] peerKey) throws Malformed {
        Crypto.checkX25519Key(peerKey);
        byte[] shared = new byte[Crypto.KEY];
        if (!X25519.calculateAgreement(privateKey, 0, peerKey, 0, shared, 0)) {
            throw Crypto.givesNothing();
        }
        return shared;
    }

    @Override
    public void close() {
        // Nothing is held.
    }

    private static final class Aead implements NonceIsYoursAead {

        private Cipher cipher;
        private final Key key;

        private Aead(Secret key) {
            this.key = new Key(key);
            try {
                cipher = Cipher.getInstance("ChaCha20-Poly1305", CIPHERS);
            } catch (GeneralSecurityException missing) {
                throw new IllegalStateException("this JDK has no ChaCha20-Poly1305", missing);
            }
        }

        @Override
        public void seal(byte[] array, int associatedAt, int associated, int plaintextAt, int plaintext,
                byte[] nonce) {
            try {
                cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(nonce));
                cipher.updateAAD(array, associatedAt, associated);
                cipher.doFinal(array, plaintextAt, plaintext, array, plaintextAt);
            } catch (GeneralSecurityException bug) {
                throw new IllegalStateException("cannot seal", bug);
            }
        }

        @Override
        public boolean open(byte[] array, int associatedAt, int associated, int sealedAt, int sealed,
                byte[] nonce, byte[] plaintext) {
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

        @Override
        public void erase() {
            cipher = null;
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
