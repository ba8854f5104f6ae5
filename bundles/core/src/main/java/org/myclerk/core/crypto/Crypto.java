package org.myclerk.core.crypto;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.random.RandomGenerator;

import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

import org.bouncycastle.math.ec.rfc7748.X25519;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.myclerk.api.operation.ProtocolException.Malformed;

/**
 * The primitives that one library provides: hashes, HKDF and AES-GCM the JDK, Ed25519 and public keys of
 * X25519 Bouncy Castle. ChaCha20-Poly1305, the HMAC of frames and agreements of X25519 have a choice,
 * {@link CryptoProvider}. No state; thread-safe.
 */
public final class Crypto {

    /** Bytes of a SHA-256 hash. */
    public static final int HASH = 32;
    /** Bytes of every key, of either curve or cipher. */
    public static final int KEY = 32;
    /** Bytes of an Ed25519 signature. */
    public static final int SIGNATURE = 64;
    /** Bytes of an authentication tag, of either cipher. */
    public static final int TAG = 16;
    /** Bytes of the iv of either cipher. */
    public static final int IV = 12;

    private static final String CIPHERS = "SunJCE";
    /** Never written to, only cloned: finding the JDK's each time costs more than a hash. */
    private static final MessageDigest SHA256 = findSha256();

    private Crypto() {
    }

    /** SHA-256 over the parts one after another: 32 bytes. */
    public static byte[] sha256(byte[]... parts) {
        MessageDigest digest = newSha256();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    /** A fresh SHA-256. */
    static MessageDigest newSha256() {
        return copy(SHA256);
    }

    /** A hash that goes on from where that one is. */
    static MessageDigest copy(MessageDigest hash) {
        try {
            return (MessageDigest) hash.clone();
        } catch (CloneNotSupportedException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static MessageDigest findSha256() {
        try {
            return MessageDigest.getInstance("SHA-256", "SUN");
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this JDK has no SHA-256", missing);
        }
    }

    /** HMAC-SHA256 (RFC 2104) over the parts one after another: 32 bytes. */
    public static byte[] hmac(byte[] key, byte[]... parts) {
        return new JdkHmac(key).of(parts);
    }

    /** HKDF-Extract (RFC 5869 §2.2): 32 bytes. */
    public static byte[] extract(byte[] salt, byte[]... inputKey) {
        return hmac(salt, inputKey);
    }

    /** HKDF-Expand (RFC 5869 §2.3), up to 255 times 32 bytes. */
    public static byte[] expand(byte[] prk, byte[] info, int length) {
        if (length > 255 * HASH) {
            throw new IllegalArgumentException("HKDF gives at most 8160 bytes, asked for " + length);
        }
        JdkHmac hmac = new JdkHmac(prk);
        byte[] output = new byte[length];
        byte[] block = {};
        for (int done = 0, counter = 1; done < length; counter++) {
            block = hmac.of(block, info, new byte[] {(byte) counter});
            int size = Math.min(HASH, length - done);
            System.arraycopy(block, 0, output, done, size);
            done += size;
        }
        Arrays.fill(block, (byte) 0);
        return output;
    }

    /** Compares in constant time; only the length may show. */
    public static boolean equal(byte[] one, byte[] other) {
        return MessageDigest.isEqual(one, other);
    }

    /** @param random a secure one, unless a test wants to know the bytes */
    public static byte[] random(RandomGenerator random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** The X25519 public key of a 32-byte private key (RFC 7748). */
    public static byte[] x25519PublicKey(byte[] privateKey) {
        byte[] publicKey = new byte[KEY];
        X25519.scalarMultBase(privateKey, 0, publicKey, 0);
        return publicKey;
    }

    /** @throws Malformed if it has not 32 bytes */
    static void checkX25519Key(byte[] key) throws Malformed {
        if (key.length != KEY) {
            throw new Malformed("an X25519 key has 32 bytes, got " + key.length);
        }
    }

    /** For a shared secret that is all zero. */
    static Malformed givesNothing() {
        return new Malformed("X25519 gives nothing with this key");
    }

    /** The Ed25519 public key of a 32-byte seed (RFC 8032). */
    public static byte[] ed25519PublicKey(byte[] seed) {
        byte[] publicKey = new byte[KEY];
        Ed25519.generatePublicKey(seed, 0, publicKey, 0);
        return publicKey;
    }

    /**
     * An Ed25519 signature (RFC 8032): 64 bytes.
     *
     * @param seed 32 bytes
     * @param publicKey of that seed: what is signed with another gives the seed away
     */
    public static byte[] ed25519Sign(byte[] seed, byte[] publicKey, byte[] message) {
        byte[] signature = new byte[SIGNATURE];
        Ed25519.sign(seed, 0, publicKey, 0, message, 0, message.length, signature, 0);
        return signature;
    }

    /** AES-256-GCM: ciphertext, then the 16-byte tag. Never use an iv twice under one key. */
    public static byte[] aesGcmSeal(byte[] key, byte[] iv, byte[] associated, byte[] plaintext) {
        try {
            return aesGcm(Cipher.ENCRYPT_MODE, key, iv, associated, plaintext);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this JDK has no AES-GCM", missing);
        }
    }

    /**
     * The plaintext of {@link #aesGcmSeal}.
     *
     * @param iv 12 bytes
     * @throws Malformed if anything was altered
     */
    public static byte[] aesGcmOpen(byte[] key, byte[] iv, byte[] associated, byte[] ciphertextAndTag)
            throws Malformed {
        if (iv.length != IV) {
            throw new Malformed("does not open");
        }
        try {
            return aesGcm(Cipher.DECRYPT_MODE, key, iv, associated, ciphertextAndTag);
        } catch (GeneralSecurityException altered) {
            throw new Malformed("does not open");
        }
    }

    private static byte[] aesGcm(int mode, byte[] key, byte[] iv, byte[] associated, byte[] input)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", CIPHERS);
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(8 * TAG, iv));
        cipher.updateAAD(associated);
        return cipher.doFinal(input);
    }
}
