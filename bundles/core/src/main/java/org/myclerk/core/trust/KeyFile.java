package org.myclerk.core.trust;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;
import java.util.random.RandomGenerator;

import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;
import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.Secret;

/**
 * An Ed25519 key pair as it lies in a file: a MessagePack map with the public key and either the seed or the
 * seed under a passphrase.
 *
 * @param v 0
 * @param key public key, 32 bytes
 * @param seed 32 bytes, absent under a passphrase
 */
public record KeyFile(@Range(max = 0) int v, @Size(min = 32, max = 32) Bytes key,
        @Size(min = 32, max = 32) Optional<Bytes> seed, Optional<Sealed> sealed) {

    /** PBKDF2 rounds for new files; a file states its own. */
    static final int ITERATIONS = 600_000;

    private static final String KDF = "pbkdf2-hmac-sha256";
    private static final PayloadCodec<KeyFile> CODEC = PayloadCodec.of(KeyFile.class);

    /**
     * A seed under a passphrase: AES-256-GCM with a key that PBKDF2-HMAC-SHA256 makes of the passphrase
     * (UTF-8).
     *
     * @param kdf {@code pbkdf2-hmac-sha256}
     * @param box ciphertext and tag, 48 bytes
     */
    public record Sealed(String kdf, @Range(min = 1, max = 20_000_000) int iterations,
            @Size(min = 16, max = 64) Bytes salt, @Size(min = 12, max = 12) Bytes iv,
            @Size(min = 48, max = 48) Bytes box) {

        public Sealed {
            if (!kdf.equals(KDF)) {
                throw new IllegalArgumentException("kdf is not " + KDF);
            }
        }
    }

    public KeyFile {
        if (seed.isPresent() == sealed.isPresent()) {
            throw new IllegalArgumentException("needs a seed, plain or sealed");
        }
    }

    static KeyFile plain(Secret seed) {
        return new KeyFile(0, publicKey(seed), Optional.of(Bytes.wrap(seed.bytes().clone())),
                Optional.empty());
    }

    /** @param passphrase is overwritten */
    static KeyFile sealed(Secret seed, char[] passphrase, RandomGenerator random) {
        Bytes key = publicKey(seed);
        byte[] salt = Crypto.random(random, 16);
        byte[] iv = Crypto.random(random, 12);
        byte[] wrapping = stretched(passphrase, salt, ITERATIONS);
        byte[] box = Crypto.aesGcmSeal(wrapping, iv, associated(key), seed.bytes());
        Arrays.fill(wrapping, (byte) 0);
        return new KeyFile(0, key, Optional.empty(),
                Optional.of(new Sealed(KDF, ITERATIONS, Bytes.wrap(salt), Bytes.wrap(iv), Bytes.wrap(box))));
    }

    /**
     * @throws IOException if the file is missing, readable by others or damaged, with a sentence for people
     */
    static KeyFile read(Path file) throws IOException {
        try {
            return parse(Bytes.wrap(OwnerOnlyFiles.read(file)));
        } catch (Malformed damaged) {
            throw new IOException("key file %s is damaged; restore it from a backup".formatted(file),
                    damaged);
        }
    }

    /** @throws Malformed if the bytes are no key file, or the keys in it are no pair */
    static KeyFile parse(Bytes encoded) throws Malformed {
        KeyFile read = Maps.read(CODEC, encoded, "key file");
        if (read.seed.isPresent() && !publicKey(Secret.wrap(read.seed.get().toArray())).equals(read.key)) {
            throw new Malformed("seed and public key do not belong together");
        }
        return read;
    }

    Bytes encoded() {
        return Maps.write(CODEC, this);
    }

    void write(Path file) throws IOException {
        OwnerOnlyFiles.write(file, encoded().toArray());
    }

    boolean locked() {
        return sealed.isPresent();
    }

    /**
     * A copy of the seed; the caller erases it.
     *
     * @param passphrase is overwritten; ignored if the key has none
     * @throws Refused if the passphrase is missing or wrong
     */
    Secret open(Optional<char[]> passphrase) throws Refused {
        try {
            if (seed.isPresent()) {
                return Secret.wrap(seed.get().toArray());
            }
            if (passphrase.isEmpty()) {
                throw Refused.forbidden("the root key is under a passphrase; give the passphrase");
            }
            return unsealed(sealed.orElseThrow(), passphrase.get());
        } finally {
            passphrase.ifPresent(given -> Arrays.fill(given, '\0'));
        }
    }

    private Secret unsealed(Sealed locked, char[] passphrase) throws Refused {
        byte[] wrapping = stretched(passphrase, locked.salt.toArray(), locked.iterations);
        try {
            Secret seed = Secret.wrap(Crypto.aesGcmOpen(wrapping, locked.iv.toArray(), associated(key),
                    locked.box.toArray()));
            if (!publicKey(seed).equals(key)) {
                throw new Malformed("another key");
            }
            return seed;
        } catch (Malformed wrong) {
            throw Refused.forbidden("wrong passphrase of the root key");
        } finally {
            Arrays.fill(wrapping, (byte) 0);
        }
    }

    static Bytes publicKey(Secret seed) {
        return Bytes.wrap(Crypto.ed25519PublicKey(seed.bytes()));
    }

    private static byte[] associated(Bytes key) {
        byte[] label = "myclerk key file\0".getBytes(StandardCharsets.US_ASCII);
        byte[] associated = Arrays.copyOf(label, label.length + key.length());
        key.copyTo(associated, label.length);
        return associated;
    }

    private static byte[] stretched(char[] passphrase, byte[] salt, int iterations) {
        PBEKeySpec spec = new PBEKeySpec(passphrase, salt, iterations, 256);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("this JDK has no PBKDF2WithHmacSHA256", missing);
        } finally {
            spec.clearPassword();
            Arrays.fill(passphrase, '\0');
        }
    }
}
