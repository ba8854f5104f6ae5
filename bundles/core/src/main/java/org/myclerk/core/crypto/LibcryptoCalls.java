package org.myclerk.core.crypto;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The functions of OpenSSL 3 that are used ({@code openssl/evp.h}, {@code sha.h}, {@code crypto.h},
 * {@code core.h}). Loading this class loads the library and finds them all, or fails. What runs for each
 * frame is called without a change of the thread's state and takes arrays of the heap as they are; it must be
 * short, because the collector waits for it. What a method here throws is what {@link Libcrypto#unchecked}
 * makes of it.
 */
@SuppressWarnings("restricted")
final class LibcryptoCalls {

    static final MemorySegment NULL = MemorySegment.NULL;
    /** {@code sizeof(OSSL_PARAM)}. */
    static final long PARAM = 40;
    /** {@code sizeof(SHA256_CTX)}; its first member is the chaining value, 32 bytes. */
    static final int HASH_STATE = 112;

    private static final int OCTET_STRING = 5;
    private static final long UNMODIFIED = -1;
    /**
     * {@code OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT}: nothing of the machine's settings, no end
     * of its own.
     */
    private static final long OPTIONS = 0x80 | 0x80000;
    private static final int PUBLIC_KEY = 0x86;
    private static final int KEYPAIR = 0x87;
    private static final int MAJOR = 3;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBRARY = SymbolLookup.libraryLookup("libcrypto.so.3", Arena.global());

    private static final MethodHandle INIT = call("OPENSSL_init_crypto",
            FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS));
    private static final MethodHandle VERSION = call("OpenSSL_version",
            FunctionDescriptor.of(ADDRESS, JAVA_INT));
    private static final MethodHandle MAJOR_VERSION = call("OPENSSL_version_major",
            FunctionDescriptor.of(JAVA_INT));
    private static final MethodHandle ALLOCATE = call("CRYPTO_zalloc",
            FunctionDescriptor.of(ADDRESS, JAVA_LONG, ADDRESS, JAVA_INT));
    private static final MethodHandle CLEAR_FREE = call("CRYPTO_clear_free",
            FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG, ADDRESS, JAVA_INT));
    private static final MethodHandle CLEAR_ERRORS = call("ERR_clear_error", FunctionDescriptor.ofVoid());

    private static final MethodHandle FETCH = call("EVP_CIPHER_fetch",
            FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, ADDRESS));
    private static final MethodHandle CIPHER_NEW = call("EVP_CIPHER_CTX_new", FunctionDescriptor.of(ADDRESS));
    private static final MethodHandle CIPHER_RESET = call("EVP_CIPHER_CTX_reset",
            FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle CIPHER_FREE = call("EVP_CIPHER_CTX_free",
            FunctionDescriptor.ofVoid(ADDRESS));
    private static final MethodHandle CIPHER_INIT = quick("EVP_CipherInit_ex2",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT, ADDRESS));
    private static final MethodHandle CIPHER_UPDATE = quick("EVP_CipherUpdate",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT));
    private static final MethodHandle CIPHER_FINAL = quick("EVP_CipherFinal_ex",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
    private static final MethodHandle CIPHER_PARAMS = quick("EVP_CIPHER_CTX_get_params",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));

    private static final MethodHandle HASH_INIT = quick("SHA256_Init",
            FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle HASH_UPDATE = quick("SHA256_Update",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
    private static final MethodHandle HASH_FINAL = quick("SHA256_Final",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));

    private static final MethodHandle KEYS_NEW = call("EVP_PKEY_CTX_new_from_name",
            FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, ADDRESS));
    private static final MethodHandle KEYS_OF = call("EVP_PKEY_CTX_new_from_pkey",
            FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, ADDRESS));
    private static final MethodHandle KEYS_FREE = call("EVP_PKEY_CTX_free",
            FunctionDescriptor.ofVoid(ADDRESS));
    private static final MethodHandle FROM_INIT = call("EVP_PKEY_fromdata_init",
            FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle FROM_DATA = call("EVP_PKEY_fromdata",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS));
    private static final MethodHandle KEY_FREE = call("EVP_PKEY_free", FunctionDescriptor.ofVoid(ADDRESS));
    private static final MethodHandle DERIVE_INIT = call("EVP_PKEY_derive_init",
            FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle DERIVE_PEER = call("EVP_PKEY_derive_set_peer_ex",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    private static final MethodHandle DERIVE = call("EVP_PKEY_derive",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));

    private static final MemorySegment TAG_NAME = text("tag");
    private static final MemorySegment PRIVATE_NAME = text("priv");
    private static final MemorySegment PUBLIC_NAME = text("pub");
    private static final MemorySegment X25519_NAME = text("X25519");
    private static final MemorySegment CHACHA20_POLY1305 = started();

    private LibcryptoCalls() {
    }

    private static MethodHandle call(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(LIBRARY.findOrThrow(name), type);
    }

    private static MethodHandle quick(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(LIBRARY.findOrThrow(name), type, Linker.Option.critical(true));
    }

    private static MemorySegment text(String text) {
        return Arena.global().allocateFrom(text);
    }

    /** Starts the library. @return its ChaCha20-Poly1305, which lives as long as the library */
    private static MemorySegment started() {
        try {
            int major = (int) MAJOR_VERSION.invokeExact();
            if (ADDRESS.byteSize() != 8 || major != MAJOR) {
                throw new UnsupportedOperationException(
                        "version %d with addresses of %d bytes, needed are 3 and 8"
                        .formatted(major, ADDRESS.byteSize()));
            }
            int initialised = (int) INIT.invokeExact(OPTIONS, NULL);
            MemorySegment cipher = (MemorySegment) FETCH.invokeExact(NULL, text("ChaCha20-Poly1305"), NULL);
            if (initialised != 1 || cipher.address() == 0) {
                throw new UnsupportedOperationException("it offers no ChaCha20-Poly1305");
            }
            return cipher;
        } catch (Throwable cause) {
            throw Libcrypto.unchecked(cause);
        }
    }

    /** Such as {@code OpenSSL 3.0.22 25 Aug 2026}. */
    static String version() throws Throwable {
        return ((MemorySegment) VERSION.invokeExact(0)).reinterpret(256).getString(0);
    }

    /** Zeros; to be freed with {@link #clearFree}. */
    static MemorySegment allocate(long size) throws Throwable {
        MemorySegment memory = (MemorySegment) ALLOCATE.invokeExact(size, NULL, 0);
        if (memory.address() == 0) {
            throw new OutOfMemoryError("libcrypto has no memory");
        }
        return memory.reinterpret(size);
    }

    /** Overwrites and frees. */
    static void clearFree(MemorySegment memory) throws Throwable {
        CLEAR_FREE.invokeExact(memory, memory.byteSize(), NULL, 0);
    }

    /** After a call that failed: what it left in the thread's queue is nobody's. */
    static void clearErrors() throws Throwable {
        CLEAR_ERRORS.invokeExact();
    }

    /** Writes an {@code OSSL_PARAM} of bytes; the one behind it must stay zero if it is the last. */
    private static void param(MemorySegment at, MemorySegment name, MemorySegment value) {
        at.set(ADDRESS, 0, name);
        at.set(JAVA_INT, 8, OCTET_STRING);
        at.set(ADDRESS, 16, value);
        at.set(JAVA_LONG, 24, value.byteSize());
        at.set(JAVA_LONG, 32, UNMODIFIED);
    }

    /** The parameters that name where a tag is read from or written to; 80 bytes. */
    static void tagParams(MemorySegment at, MemorySegment tag) {
        param(at, TAG_NAME, tag);
    }

    /** The parameters of a public key; 80 bytes. */
    static void publicKeyParams(MemorySegment at, MemorySegment publicKey) {
        param(at, PUBLIC_NAME, publicKey);
    }

    /** The parameters of a pair of keys; 120 bytes. */
    static void keyPairParams(MemorySegment at, MemorySegment privateKey, MemorySegment publicKey) {
        param(at, PRIVATE_NAME, privateKey);
        param(at.asSlice(PARAM), PUBLIC_NAME, publicKey);
    }

    /** A context for ChaCha20-Poly1305, without a key. */
    static MemorySegment newCipher(boolean encrypts) throws Throwable {
        MemorySegment context = (MemorySegment) CIPHER_NEW.invokeExact();
        if (context.address() == 0) {
            throw new OutOfMemoryError("libcrypto has no memory");
        }
        if (!begin(context, encrypts)) {
            freeCipher(context);
            throw new IllegalStateException("libcrypto refuses ChaCha20-Poly1305");
        }
        return context;
    }

    private static boolean begin(MemorySegment context, boolean encrypts) throws Throwable {
        return (int) CIPHER_INIT.invokeExact(context, CHACHA20_POLY1305, NULL, NULL, encrypts ? 1 : 0,
                NULL) == 1;
    }

    /**
     * Overwrites what is in a context, which is as new afterwards. @return false if it is of no use any more
     */
    static boolean clearCipher(MemorySegment context, boolean encrypts) throws Throwable {
        return (int) CIPHER_RESET.invokeExact(context) == 1 && begin(context, encrypts);
    }

    /** Overwrites what is in a context and frees it. */
    static void freeCipher(MemorySegment context) throws Throwable {
        CIPHER_FREE.invokeExact(context);
    }

    /**
     * Begins a message.
     *
     * @param key 32 bytes, or {@link #NULL} for the same as before
     * @param nonce 12 bytes
     */
    static boolean init(MemorySegment context, MemorySegment key, MemorySegment nonce, boolean encrypts,
            MemorySegment params) throws Throwable {
        return (int) CIPHER_INIT.invokeExact(context, NULL, key, nonce, encrypts ? 1 : 0, params) == 1;
    }

    /** @param out {@link #NULL} for associated data */
    static boolean update(MemorySegment context, MemorySegment out, MemorySegment outLength, MemorySegment in,
            int length) throws Throwable {
        return (int) CIPHER_UPDATE.invokeExact(context, out, outLength, in, length) == 1;
    }

    /** Ends a message. @return false if it is not authentic */
    static boolean end(MemorySegment context, MemorySegment out, MemorySegment outLength) throws Throwable {
        return (int) CIPHER_FINAL.invokeExact(context, out, outLength) == 1;
    }

    static boolean params(MemorySegment context, MemorySegment params) throws Throwable {
        return (int) CIPHER_PARAMS.invokeExact(context, params) == 1;
    }

    /** What makes keys of X25519 from their bytes; it keeps nothing of them. */
    static MemorySegment newKeys() throws Throwable {
        MemorySegment keys = (MemorySegment) KEYS_NEW.invokeExact(NULL, X25519_NAME, NULL);
        if (keys.address() == 0) {
            throw new IllegalStateException("libcrypto offers no X25519");
        }
        int set = (int) FROM_INIT.invokeExact(keys);
        if (set != 1) {
            freeKeys(keys);
            throw new IllegalStateException("libcrypto makes no X25519 keys");
        }
        return keys;
    }

    static void freeKeys(MemorySegment keys) throws Throwable {
        free(KEYS_FREE, keys);
    }

    /**
     * Begins a SHA-256. @param state {@code SHA256_CTX} of {@code openssl/sha.h}, {@link #HASH_STATE} bytes
     */
    static void beginHash(MemorySegment state) throws Throwable {
        done((int) HASH_INIT.invokeExact(state));
    }

    static void hash(MemorySegment state, MemorySegment data) throws Throwable {
        done((int) HASH_UPDATE.invokeExact(state, data, data.byteSize()));
    }

    /** Ends it. @param digest takes 32 bytes */
    static void endHash(MemorySegment state, MemorySegment digest) throws Throwable {
        done((int) HASH_FINAL.invokeExact(digest, state));
    }

    private static void done(int result) {
        if (result != 1) {
            throw new IllegalStateException("libcrypto does not hash");
        }
    }

    /**
     * X25519.
     *
     * @param keys of {@link #newKeys}
     * @param own parameters of the own keys; of the public one nothing depends
     * @param peer parameters of the peer's
     * @param slot 24 bytes to work with
     * @return false if the secret would be all zero
     */
    static boolean x25519(MemorySegment keys, MemorySegment own, MemorySegment peer, MemorySegment shared,
            MemorySegment slot) throws Throwable {
        MemorySegment deriving = NULL;
        slot.fill((byte) 0);
        try {
            if ((int) FROM_DATA.invokeExact(keys, slot, KEYPAIR, own) != 1
                    || (int) FROM_DATA.invokeExact(keys, slot.asSlice(8), PUBLIC_KEY, peer) != 1) {
                throw new IllegalStateException("libcrypto makes no X25519 key");
            }
            deriving = (MemorySegment) KEYS_OF.invokeExact(NULL, slot.get(ADDRESS, 0), NULL);
            // Not checked beforehand: every public key is one of X25519, and what gives nothing shows in the
            // secret.
            if (deriving.address() == 0 || (int) DERIVE_INIT.invokeExact(deriving) != 1
                    || (int) DERIVE_PEER.invokeExact(deriving, slot.get(ADDRESS, 8), 0) != 1) {
                throw new IllegalStateException("libcrypto does not agree with X25519");
            }
            slot.set(JAVA_LONG, 16, shared.byteSize());
            return (int) DERIVE.invokeExact(deriving, shared, slot.asSlice(16)) == 1;
        } finally {
            free(KEYS_FREE, deriving);
            free(KEY_FREE, slot.get(ADDRESS, 8));
            free(KEY_FREE, slot.get(ADDRESS, 0));
        }
    }

    /** Null is none. */
    private static void free(MethodHandle function, MemorySegment memory) throws Throwable {
        function.invokeExact(memory);
    }

    static byte[] read(MemorySegment memory) {
        return memory.toArray(ValueLayout.JAVA_BYTE);
    }
}
