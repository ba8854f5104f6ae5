package org.myclerk.core.crypto;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicInteger;

import org.myclerk.api.operation.ProtocolException.Malformed;

/**
 * The JDK's until there is something to do, then libcrypto's if that is there. Loading it takes longer than a command
 * of one request, which shall not pay for it, nor a node that idles; it is loaded on a thread of its own, and sessions that
 * are open change over with their next frame.
 */
final class AutoCrypto implements CryptoProvider {

    /** Frames and agreements after which loading begins. */
    private static final int BUSY = 256;

    private static final Logger LOG = System.getLogger("org.myclerk.core");

    private final AtomicInteger uses = new AtomicInteger();
    private volatile Libcrypto libcrypto;
    private volatile boolean closed;

    /** Someone uses the JDK's. */
    private void used() {
        if (uses.get() < BUSY && uses.incrementAndGet() == BUSY) {
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
        return new Aead(key);
    }

    @Override
    public byte[] x25519(byte[] privateKey, byte[] peerKey) throws Malformed {
        Libcrypto now = libcrypto;
        if (now != null) {
            return now.x25519(privateKey, peerKey);
        }
        used();
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

        private NonceIsYoursAead wired() {
            if (last) {
                return wired;
            }
            Libcrypto now = libcrypto;
            if (now != null) {
                last = true;
                wired = now.aead(key);
                return wired;
            }
            used();
            if (wired == null) {
                wired = JdkCrypto.JDK.aead(key);
            }
            return wired;
        }

        @Override
        public void seal(byte[] array, int associatedAt, int associated, int plaintextAt, int plaintext, byte[] nonce) {
            wired().seal(array, associatedAt, associated, plaintextAt, plaintext, nonce);
        }

        @Override
        public boolean open(byte[] array, int associatedAt, int associated, int sealedAt, int sealed, byte[] nonce,
                byte[] plaintext) {
            return wired().open(array, associatedAt, associated, sealedAt, sealed, nonce, plaintext);
        }

        @Override
        public void erase() {
            if (wired != null) {
                wired.erase();
            }
        }
    }
}
