package org.myclerk.core.crypto;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.myclerk.api.operation.ProtocolException.Malformed;

/**
 * ChaCha20-Poly1305, SHA-256 and X25519 of the system's OpenSSL 3 (decision 84). A session holds nothing
 * outside the heap: a few contexts are shared by all, and each is the property of one thread for the time of
 * a frame. They are overwritten when the session whose key they saw last erases it, and freed with the
 * provider.
 */
final class Libcrypto implements CryptoProvider {

    /** Bytes after which a call ends, so that the collector waits some microseconds at most; whole blocks. */
    private static final int PIECE = 32 << 10;

    private final Pool<Context> sealing = new Pool<>(() -> new Context(true));
    private final Pool<Context> opening = new Pool<>(() -> new Context(false));
    private final Pool<Agreement> agreements = new Pool<>(Agreement::new);
    /** A hash that has taken one block: all but its chaining value is the same for every block. */
    private final byte[] oneBlock = new byte[LibcryptoCalls.HASH_STATE];
    private final String name;

    private Libcrypto() {
        try {
            MemorySegment hash = MemorySegment.ofArray(oneBlock);
            LibcryptoCalls.beginHash(hash);
            LibcryptoCalls.hash(hash, MemorySegment.ofArray(new byte[NativeHmac.BLOCK]));
            name = LibcryptoCalls.version().replaceAll("(OpenSSL \\S+).*", "$1");
        } catch (Throwable cause) {
            throw unchecked(cause);
        }
    }

    /** @throws IOException if the library is not there, is another, or does not what the standards say */
    static Libcrypto load() throws IOException {
        try {
            Libcrypto loaded = new Libcrypto();
            try {
                loaded.test();
                return loaded;
            } catch (IOException | RuntimeException wrong) {
                loaded.close();
                throw wrong;
            }
        } catch (LinkageError | RuntimeException missing) {
            Throwable cause = missing.getCause() == null ? missing : missing.getCause();
            throw new IOException("libcrypto.so.3 of OpenSSL cannot be used (%s)".formatted(
                    cause.getMessage()), missing);
        }
    }

    /** What a call or its bounds threw; nothing else can come out of one. */
    static RuntimeException unchecked(Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
    }

    /**
     * The vectors of RFC 8439 §2.8.2, RFC 7748 §5.2 and RFC 4231 §4.2, a wrong tag and a key that gives
     * nothing.
     */
    private void test() throws IOException {
        HexFormat hex = HexFormat.of();
        byte[] associated = hex.parseHex("50515253c0c1c2c3c4c5c6c7");
        byte[] nonce = hex.parseHex("070000004041424344454647");
        byte[] text =
                ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
                + "future, "
                + "sunscreen would be it.").getBytes(StandardCharsets.US_ASCII);
        byte[] sealed =
                hex.parseHex(
                "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca96712"
                + "82fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c"
                + "9803aee328091b58fab324e4fad67594"
                + "5585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691");
        byte[] frame = Arrays.copyOf(associated, associated.length + sealed.length);
        System.arraycopy(text, 0, frame, associated.length, text.length);
        byte[] opened = new byte[text.length];
        NonceIsYoursAead aead = aead(Secret.wrap(
                hex.parseHex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f")));
        aead.seal(frame, 0, associated.length, associated.length, text.length, nonce);
        boolean good = Arrays.equals(sealed, Arrays.copyOfRange(frame, associated.length, frame.length))
                && aead.open(frame, 0, associated.length, associated.length, sealed.length, nonce, opened)
                && Arrays.equals(text, opened);
        frame[frame.length - 1] ^= 1;
        good &= !aead.open(frame, 0, associated.length, associated.length, sealed.length, nonce, opened);
        aead.erase();
        byte[] code = new byte[Crypto.HASH];
        hmac(Secret.wrap(Arrays.copyOf(hex.parseHex("0b".repeat(20)), Crypto.KEY)))
                .of("Hi There".getBytes(StandardCharsets.US_ASCII), 0, 8, code, 0, code.length);
        good &= Arrays.equals(
                hex.parseHex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"), code);
        byte[] scalar = hex.parseHex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
        try {
            good &= Arrays.equals(
                    hex.parseHex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"),
                    x25519(scalar,
                    hex.parseHex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")));
            x25519(scalar, new byte[Crypto.KEY]);
            good = false;
        } catch (Malformed givesNothing) {
            // As it must be: RFC 7748 §6.1.
        }
        if (!good) {
            throw new IOException(name + " does not pass the tests of RFC 8439, RFC 4231 and RFC 7748");
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public NonceIsYoursAead aead(Secret key) {
        return new Aead(key);
    }

    @Override
    public Hmac hmac(Secret key) {
        NativeHmac hmac = new NativeHmac(key.bytes());
        key.erase();
        return hmac;
    }

    @Override
    public byte[] x25519(byte[] privateKey, byte[] peerKey) throws Malformed {
        Crypto.checkX25519Key(peerKey);
        Agreement agreement = agreements.take();
        byte[] shared;
        try {
            shared = agreement.agree(privateKey, peerKey);
        } finally {
            agreements.give(agreement);
        }
        if (shared == null) {
            throw Crypto.givesNothing();
        }
        return shared;
    }

    @Override
    public void close() {
        sealing.close();
        opening.close();
        agreements.close();
    }

    /** How many contexts that wait for their next frame know the key of the last. */
    int keyed() {
        return sealing.count(Context::keyed) + opening.count(Context::keyed);
    }

    private final class Aead implements NonceIsYoursAead {

        private final Secret key;
        private final byte[] spent = new byte[Crypto.IV];
        private boolean sealed;
        /** The places of the contexts that may have seen its key last, a bit for each. */
        private int sealingPlaces;
        private int openingPlaces;

        private Aead(Secret key) {
            Objects.checkFromIndexSize(0, Crypto.KEY, key.length());
            this.key = key;
        }

        @Override
        public void seal(byte[] array, int associatedAt, int associated, int plaintextAt, int plaintext,
                byte[] nonce) {
            Objects.checkFromIndexSize(plaintextAt, plaintext, array.length - Crypto.TAG);
            if (sealed && Arrays.equals(nonce, spent)) {
                throw new IllegalStateException("cannot seal with the nonce of the frame before");
            }
            sealed = true;
            System.arraycopy(nonce, 0, spent, 0, Crypto.IV);
            sealingPlaces |= 1 << Pool.place();
            Context context = sealing.take();
            try {
                boolean done = context.begin(this, nonce, LibcryptoCalls.NULL)
                        && context.associated(array, associatedAt, associated)
                        && context.inPlace(MemorySegment.ofArray(array), plaintextAt, plaintext)
                        && context.end()
                        && LibcryptoCalls.params(context.cipher, context.params);
                if (!done) {
                    throw new IllegalStateException("libcrypto cannot seal");
                }
                MemorySegment.copy(context.tag, JAVA_BYTE, 0, array, plaintextAt + plaintext, Crypto.TAG);
            } catch (Throwable cause) {
                throw context.failed(cause);
            } finally {
                sealing.give(context);
            }
        }

        @Override
        public boolean open(byte[] array, int associatedAt, int associated, int sealedAt, int sealed,
                byte[] nonce, byte[] plaintext) {
            int size = sealed - Crypto.TAG;
            if (size < 0) {
                return false;
            }
            openingPlaces |= 1 << Pool.place();
            Context context = opening.take();
            try {
                MemorySegment.copy(array, sealedAt + size, context.tag, JAVA_BYTE, 0, Crypto.TAG);
                boolean read = context.begin(this, nonce, context.params)
                        && context.associated(array, associatedAt, associated)
                        && context.copying(MemorySegment.ofArray(array), sealedAt,
                        MemorySegment.ofArray(plaintext), size);
                if (!read) {
                    throw new IllegalStateException("libcrypto cannot open");
                }
                if (context.end()) {
                    return true;
                }
                LibcryptoCalls.clearErrors();
                Arrays.fill(plaintext, (byte) 0);
                return false;
            } catch (Throwable cause) {
                throw context.failed(cause);
            } finally {
                opening.give(context);
            }
        }

        @Override
        public void erase() {
            sealing.clear(sealingPlaces, context -> context.last == this, Context::clear);
            opening.clear(openingPlaces, context -> context.last == this, Context::clear);
        }
    }

    /**
     * The chaining values of both hashes after their block of key, and nothing else, are what is kept of it.
     */
    private final class NativeHmac implements Hmac {

        private static final int BLOCK = 64;
        private static final byte INNER = 0x36;
        private static final byte OUTER = 0x5C;

        private final byte[] begun = new byte[2 * Crypto.HASH];
        private boolean erased;

        private NativeHmac(byte[] key) {
            Objects.checkFromIndexSize(0, key.length, BLOCK);
            begin(key, INNER, 0);
            begin(key, OUTER, Crypto.HASH);
        }

        private void begin(byte[] key, byte pad, int at) {
            byte[] block = Arrays.copyOf(key, BLOCK);
            for (int i = 0; i < BLOCK; i++) {
                block[i] ^= pad;
            }
            byte[] state = new byte[LibcryptoCalls.HASH_STATE];
            try {
                LibcryptoCalls.beginHash(MemorySegment.ofArray(state));
                LibcryptoCalls.hash(MemorySegment.ofArray(state), MemorySegment.ofArray(block));
            } catch (Throwable cause) {
                throw unchecked(cause);
            }
            System.arraycopy(state, 0, begun, at, Crypto.HASH);
            Arrays.fill(block, (byte) 0);
            Arrays.fill(state, (byte) 0);
        }

        @Override
        public void of(byte[] array, int offset, int length, byte[] target, int at, int size) {
            Objects.checkFromIndexSize(offset, length, array.length);
            if (erased) {
                throw new IllegalStateException("the key was erased");
            }
            byte[] work = Arrays.copyOf(oneBlock, LibcryptoCalls.HASH_STATE + Crypto.HASH);
            MemorySegment hash = MemorySegment.ofArray(work);
            MemorySegment digest = hash.asSlice(LibcryptoCalls.HASH_STATE);
            MemorySegment data = MemorySegment.ofArray(array);
            try {
                System.arraycopy(begun, 0, work, 0, Crypto.HASH);
                for (int done = 0; done < length; done += PIECE) {
                    LibcryptoCalls.hash(hash, data.asSlice(offset + done, Math.min(PIECE, length - done)));
                }
                LibcryptoCalls.endHash(hash, digest);
                System.arraycopy(oneBlock, 0, work, 0, LibcryptoCalls.HASH_STATE);
                System.arraycopy(begun, Crypto.HASH, work, 0, Crypto.HASH);
                LibcryptoCalls.hash(hash, digest);
                LibcryptoCalls.endHash(hash, digest);
            } catch (Throwable cause) {
                throw unchecked(cause);
            }
            System.arraycopy(work, LibcryptoCalls.HASH_STATE, target, at, size);
        }

        @Override
        public void erase() {
            erased = true;
            Arrays.fill(begun, (byte) 0);
        }
    }

    /** Something outside the heap that is of use to any session. Not thread-safe. */
    private interface Native {

        /** Overwrites what is secret in it. */
        void free();
    }

    /** What one agreement reads and writes; it keeps nothing of it. */
    private static final class Agreement implements Native {

        private static final long OWN_AT = 0;
        private static final long OWN_PUBLIC_AT = OWN_AT + Crypto.KEY;
        private static final long PEER_AT = OWN_PUBLIC_AT + Crypto.KEY;
        private static final long SHARED_AT = PEER_AT + Crypto.KEY;
        private static final long SLOT_AT = SHARED_AT + Crypto.KEY;
        private static final long PAIR_AT = SLOT_AT + 24;
        private static final long PUBLIC_AT = PAIR_AT + 3 * LibcryptoCalls.PARAM;

        private final MemorySegment keys;
        private final MemorySegment memory;
        private final MemorySegment shared;
        private final MemorySegment slot;
        private final MemorySegment pair;
        private final MemorySegment peer;

        private Agreement() {
            try {
                keys = LibcryptoCalls.newKeys();
                memory = LibcryptoCalls.allocate(PUBLIC_AT + 2 * LibcryptoCalls.PARAM);
            } catch (Throwable cause) {
                throw unchecked(cause);
            }
            shared = memory.asSlice(SHARED_AT, Crypto.KEY);
            slot = memory.asSlice(SLOT_AT, 24);
            pair = memory.asSlice(PAIR_AT);
            peer = memory.asSlice(PUBLIC_AT);
            // The public key that belongs to the own one is not asked for, and naming one spares its
            // computation.
            LibcryptoCalls.keyPairParams(pair, memory.asSlice(OWN_AT, Crypto.KEY),
                    memory.asSlice(OWN_PUBLIC_AT, Crypto.KEY));
            LibcryptoCalls.publicKeyParams(peer, memory.asSlice(PEER_AT, Crypto.KEY));
        }

        /** @return {@code null} if the secret would be all zero */
        private byte[] agree(byte[] privateKey, byte[] peerKey) {
            try {
                MemorySegment.copy(privateKey, 0, memory, JAVA_BYTE, OWN_AT, Crypto.KEY);
                MemorySegment.copy(peerKey, 0, memory, JAVA_BYTE, PEER_AT, Crypto.KEY);
                if (LibcryptoCalls.x25519(keys, pair, peer, shared, slot)) {
                    return LibcryptoCalls.read(shared);
                }
                LibcryptoCalls.clearErrors();
                return null;
            } catch (Throwable cause) {
                throw unchecked(cause);
            } finally {
                memory.asSlice(OWN_AT, SLOT_AT).fill((byte) 0);
            }
        }

        @Override
        public void free() {
            try {
                LibcryptoCalls.freeKeys(keys);
                LibcryptoCalls.clearFree(memory);
            } catch (Throwable cause) {
                throw unchecked(cause);
            }
        }
    }

    /** A context of the library with what its calls read and write. */
    private static final class Context implements Native {

        private static final int HEADER = 64;
        private static final long KEY_AT = 0;
        private static final long NONCE_AT = KEY_AT + Crypto.KEY;
        private static final long TAG_AT = NONCE_AT + 16;
        private static final long HEADER_AT = TAG_AT + Crypto.TAG;
        private static final long LENGTH_AT = HEADER_AT + HEADER;
        private static final long PARAMS_AT = LENGTH_AT + 16;

        private final boolean seals;
        private final MemorySegment cipher;
        private final MemorySegment memory;
        private final MemorySegment key;
        private final MemorySegment nonce;
        private final MemorySegment tag;
        private final MemorySegment header;
        /**
         * Takes what was written, which is known; as nothing is left at the end of a message, its end too.
         */
        private final MemorySegment length;
        private final MemorySegment params;
        private Aead last;

        private Context(boolean seals) {
            this.seals = seals;
            try {
                cipher = LibcryptoCalls.newCipher(seals);
                memory = LibcryptoCalls.allocate(PARAMS_AT + 2 * LibcryptoCalls.PARAM);
            } catch (Throwable cause) {
                throw unchecked(cause);
            }
            key = memory.asSlice(KEY_AT, Crypto.KEY);
            nonce = memory.asSlice(NONCE_AT, Crypto.IV);
            tag = memory.asSlice(TAG_AT, Crypto.TAG);
            header = memory.asSlice(HEADER_AT, HEADER);
            length = memory.asSlice(LENGTH_AT, 16);
            params = memory.asSlice(PARAMS_AT);
            LibcryptoCalls.tagParams(params, tag);
        }

        /** Sets the nonce, and the key if it was not the last one's. */
        private boolean begin(Aead aead, byte[] nonceOfMessage, MemorySegment withParams) throws Throwable {
            MemorySegment.copy(nonceOfMessage, 0, nonce, JAVA_BYTE, 0, Crypto.IV);
            if (last == aead) {
                return LibcryptoCalls.init(cipher, LibcryptoCalls.NULL, nonce, seals, withParams);
            }
            last = aead;
            MemorySegment.copy(aead.key.bytes(), 0, key, JAVA_BYTE, 0, Crypto.KEY);
            return LibcryptoCalls.init(cipher, key, nonce, seals, withParams);
        }

        private boolean associated(byte[] array, int at, int size) throws Throwable {
            boolean good = true;
            for (int done = 0; good && done < size; done += HEADER) {
                int piece = Math.min(HEADER, size - done);
                MemorySegment.copy(array, at + done, header, JAVA_BYTE, 0, piece);
                good = LibcryptoCalls.update(cipher, LibcryptoCalls.NULL, length, header, piece);
            }
            return good;
        }

        private boolean inPlace(MemorySegment array, int at, int size) throws Throwable {
            boolean good = true;
            for (int done = 0; good && done < size; done += PIECE) {
                int piece = Math.min(PIECE, size - done);
                MemorySegment both = array.asSlice(at + done, piece);
                good = LibcryptoCalls.update(cipher, both, length, both, piece);
            }
            return good;
        }

        private boolean copying(MemorySegment from, int at, MemorySegment to, int size) throws Throwable {
            boolean good = true;
            for (int done = 0; good && done < size; done += PIECE) {
                int piece = Math.min(PIECE, size - done);
                good = LibcryptoCalls.update(cipher, to.asSlice(done, piece), length,
                        from.asSlice(at + done, piece),
                        piece);
            }
            return good;
        }

        /** @return false if what was opened is not authentic */
        private boolean end() throws Throwable {
            return LibcryptoCalls.end(cipher, length, length);
        }

        /** A message was not brought to its end: the next one begins from nothing. */
        private RuntimeException failed(Throwable cause) {
            last = null;
            return unchecked(cause);
        }

        private boolean keyed() {
            return last != null;
        }

        /** Leaves nothing of key and message in it. @return false if it is of no use any more */
        private boolean clear() {
            try {
                last = null;
                memory.asSlice(0, LENGTH_AT).fill((byte) 0);
                return LibcryptoCalls.clearCipher(cipher, seals);
            } catch (Throwable cause) {
                throw unchecked(cause);
            }
        }

        @Override
        public void free() {
            try {
                LibcryptoCalls.freeCipher(cipher);
                LibcryptoCalls.clearFree(memory);
            } catch (Throwable cause) {
                throw unchecked(cause);
            }
        }
    }

    /**
     * What nobody uses at the moment: little, each where the thread that used it finds it again, and far
     * enough from each other for two cores. Thread-safe.
     */
    private static final class Pool<T extends Native> {

        private static final int PLACES = 16;
        private static final int APART = 32;

        private final AtomicReferenceArray<T> places = new AtomicReferenceArray<>(PLACES * APART);
        private final Supplier<T> maker;
        private volatile boolean closed;

        private Pool(Supplier<T> maker) {
            this.maker = maker;
        }

        private static int place() {
            return (int) (Thread.currentThread().threadId() % PLACES);
        }

        private T take() {
            T one = places.getAndSet(place() * APART, null);
            return one == null ? maker.get() : one;
        }

        private void give(T one) {
            give(one, place());
        }

        private void give(T one, int place) {
            if (closed || !places.compareAndSet(place * APART, null, one)) {
                one.free();
            } else if (closed) {
                close();
            }
        }

        private int count(Predicate<T> which) {
            int count = 0;
            for (int i = 0; i < PLACES; i++) {
                T one = places.get(i * APART);
                count += one != null && which.test(one) ? 1 : 0;
            }
            return count;
        }

        /** @param at a bit for each place that is to be looked at */
        private void clear(int at, Predicate<T> which, Predicate<T> clear) {
            for (int left = at; left != 0; left &= left - 1) {
                int place = Integer.numberOfTrailingZeros(left);
                T one = places.get(place * APART);
                if (one != null && which.test(one) && places.compareAndSet(place * APART, one, null)) {
                    if (clear.test(one)) {
                        give(one, place);
                    } else {
                        one.free();
                    }
                }
            }
        }

        private void close() {
            closed = true;
            for (int i = 0; i < PLACES; i++) {
                T one = places.getAndSet(i * APART, null);
                if (one != null) {
                    one.free();
                }
            }
        }
    }
}
