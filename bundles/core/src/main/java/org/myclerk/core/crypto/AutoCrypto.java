package org.myclerk.core.crypto;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicInteger;

import org.myclerk.api.operation.ProtocolException.Malformed;

/**
 * The JDK's until there is something to do, then libcrypto's if that is there. Loading it takes some 200 ms
 * of CPU and 25 MB of memory, which a command of one request shall not pay, nor a node that idles; it is
 * loaded on a thread of its own, and sessions that are open change over with their next frame.
 */
final class AutoCrypto implements CryptoProvider {

    /** Frames of up to a KiB after which loading begins; it pays after some hundreds of thousands. */
    private static final int BUSY = 20_000;
    /** What libcrypto saves with an agreement, in frames. */
    private static final int AGREEMENT = 64;

    private static final Logger LOG = System.getLogger("org.myclerk.core");

    private final AtomicInteger uses = new AtomicInteger();
    private volatile Libcrypto libcrypto;
    private volatile boolean closed;

    /** The JDK's is used. */
    private void used(int frames) {
        if (uses.get() >= BUSY) {
            return;
        }
        int before = uses.getAndAdd(frames);
        if (before < BUSY && before + frames >= BUSY) {
            Thread.ofPlatform().daemon().name("myclerk-libcrypto").start(this::load);
        }
    }

    private void load() {
        try {
            Libcrypto loaded = Libcrypto.load();
            synchronized (this) {
                if (!closed) {
                    libcrypto = loaded;
                    LOG.log(Level.INFO, "{0} encrypts", loaded.name());
                    return;
                }
            }
            loaded.close();
        } catch (IOException missing) {
            LOG.log(Level.INFO, "{0} encrypts: {1}", JdkCrypto.JDK.name(), missing.getMessage());
        }
    }

    @Override
    public String name() {
        Libcrypto now = libcrypto;
        return now == null ? JdkCrypto.JDK.name() : now.name();
    }

    @Override
    public NonceIsYoursAead aead(Secret key) {
        Libcrypto now = libcrypto;
        return now == null ? new Aead(key) : now.aead(key);
    }

    @Override
    public Hmac hmac(Secret key) {
        Libcrypto now = libcrypto;
        return now == null ? new Changing(key) : now.hmac(key);
    }

    @Override
    public byte[] x25519(byte[] privateKey, byte[] peerKey) throws Malformed {
        Libcrypto now = libcrypto;
        if (now != null) {
            return now.x25519(privateKey, peerKey);
        }
        used(AGREEMENT);
        return JdkCrypto.JDK.x25519(privateKey, peerKey);
    }

    @Override
    public void close() {
        Libcrypto last;
        synchronized (this) {
            closed = true;
            last = libcrypto;
        }
        if (last != null) {
            last.close();
        }
    }

    /** Nothing of a frame is in the cipher after it, so it may be another's for the next. */
    private final class Aead implements NonceIsYoursAead {

        private final Secret key;
        private NonceIsYoursAead wired;
        private boolean last;

        private Aead(Secret key) {
            this.key = key;
        }

        private NonceIsYoursAead wired(int size) {
            if (last) {
                return wired;
            }
            Libcrypto now = libcrypto;
            if (now != null) {
                last = true;
                wired = now.aead(key);
                return wired;
            }
            used(1 + (size >> 10));
            if (wired == null) {
                wired = JdkCrypto.JDK.aead(key);
            }
            return wired;
        }

        @Override
        public void seal(byte[] array, int associatedAt, int associated, int plaintextAt, int plaintext,
                byte[] nonce) {
            wired(plaintext).seal(array, associatedAt, associated, plaintextAt, plaintext, nonce);
        }

        @Override
        public boolean open(byte[] array, int associatedAt, int associated, int sealedAt, int sealed,
                byte[] nonce, byte[] plaintext) {
            return wired(sealed).open(array, associatedAt, associated, sealedAt, sealed, nonce, plaintext);
        }

        @Override
        public void erase() {
            if (wired != null) {
                wired.erase();
            }
        }
    }

    /** The JDK's HMAC until there is libcrypto's. */
    private final class Changing implements Hmac {

        private final Secret key;
        private Hmac wired;
        private boolean last;

        private Changing(Secret key) {
            this.key = key;
            this.wired = new JdkHmac(key.bytes());
        }

        @Override
        public void of(byte[] array, int offset, int length, byte[] target, int at, int size) {
            Libcrypto now = libcrypto;
            if (now != null && !last) {
                last = true;
                wired.erase();
                wired = now.hmac(key);
            }
            wired.of(array, offset, length, target, at, size);
        }

        @Override
        public void erase() {
            key.erase();
            wired.erase();
        }
    }
}
