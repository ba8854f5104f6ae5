package org.myclerk.core.crypto;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What is derived from what (§5, profile §10-§13). No state. */
public final class KeySchedule {

    private static final byte[] NO_PSK = new byte[32];
    private static final byte[] NONE = new byte[0];

    private KeySchedule() {
    }

    /** Four bytes, big-endian. */
    public static byte[] u32(long value) {
        return new byte[] {(byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value};
    }

    /** Two bytes, big-endian. */
    public static byte[] u16(int value) {
        return new byte[] {(byte) (value >>> 8), (byte) value};
    }

    /** {@code "myclerk-v0 " || label || 0x00}. */
    static byte[] label(String label) {
        return ("myclerk-v0 " + label + "\0").getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] all = new byte[length];
        int position = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, position, part.length);
            position += part.length;
        }
        return all;
    }

    /**
     * {@code Sign(sk, label, message)} of profile §10: 64 bytes.
     *
     * @param publicKey of that seed, never another
     */
    public static byte[] sign(Secret seed, byte[] publicKey, String label, byte[] message) {
        return Crypto.ed25519Sign(seed.bytes(), publicKey, join(label(label), message));
    }

    /** Whether a signature is {@code Sign(sk, label, message)} under a public key (profile §10); strict. */
    public static boolean verify(VerifyingKey key, String label, byte[] message, byte[] signature) {
        return key.verifies(join(label(label), message), signature);
    }

    /** What either end signs: {@code transcript || H(certificate or key)}. */
    public static byte[] signedHandshake(byte[] transcript, byte[] certificateOrKey) {
        return join(transcript, Crypto.sha256(certificateOrKey));
    }

    /** {@code H("myclerk-v0 psk-id" || 0x00 || PSK)[0..7]}. */
    public static byte[] pskId(Secret psk) {
        return Arrays.copyOf(Crypto.sha256(label("psk-id"), psk.bytes()), 8);
    }

    /** {@code H("myclerk-v0 family" || 0x00 || root key)[0..15]}. */
    public static byte[] familyId(byte[] rootKey) {
        return Arrays.copyOf(Crypto.sha256(label("family"), rootKey), 16);
    }

    /** {@code session_key} of §5.1, from the X25519 secret and both nonces. */
    public static Secret sessionKey(byte[] shared, byte[] nonceInitiator, byte[] nonceResponder) {
        byte[] prk = Crypto.extract(join(nonceInitiator, nonceResponder), shared);
        return Secret.wrap(Crypto.expand(prk, "myclerk-session-v0".getBytes(StandardCharsets.US_ASCII), 32));
    }

    /**
     * {@code root} of profile §11 and §12.
     *
     * @param salt a PSK, or the resumption secret, or {@code null} for neither
     */
    public static Secret root(Secret salt, Secret sessionKey) {
        return Secret.wrap(Crypto.extract(salt == null ? NO_PSK : salt.bytes(), sessionKey.bytes()));
    }

    /** {@code X(prk, label, ctx, length)} of profile §11. */
    static byte[] derive(Secret prk, String label, byte[] context, int length) {
        return Crypto.expand(prk.bytes(), join(label(label), context), length);
    }

    /** The keys of frames 4 and 5, bound to {@code TH_hs} (profile §11). */
    public static TrafficKeys handshakeKeys(Secret root, boolean fromInitiator, byte[] handshakeTranscript) {
        return TrafficKeys.split(derive(root, fromInitiator ? "hs i2r" : "hs r2i", handshakeTranscript,
                TrafficKeys.LENGTH));
    }

    /** The keys of one direction in an open session, bound to {@code TH_app} (profile §11, §12, §13). */
    public static TrafficKeys applicationKeys(Secret root, boolean fromInitiator, byte[] transcript) {
        return TrafficKeys.split(derive(root, fromInitiator ? "app i2r" : "app r2i", transcript,
                TrafficKeys.LENGTH));
    }

    /** What a ticket keeps of this session (profile §11). */
    public static Secret resumptionSecret(Secret root, byte[] transcript) {
        return Secret.wrap(derive(root, "resumption", transcript, 32));
    }

    /**
     * The name of a session in logs, unique where the 16-bit id is not (profile §11): 16 bytes, no secret.
     */
    public static byte[] sessionUid(Secret root, byte[] transcript) {
        return derive(root, "session-uid", transcript, 16);
    }

    /**
     * The binder of SESSION_RESUME (profile §12): 32 bytes.
     *
     * @param header without the tag field
     * @param body without its last 32 bytes
     */
    public static byte[] binder(Secret resumptionSecret, byte[] header, byte[] body) {
        return Crypto.hmac(derive(resumptionSecret, "resume binder", NONE, 32), Crypto.sha256(header, body));
    }

    /** §5.2: the next session key of the draft's chain. */
    public static Secret rotatedSessionKey(Secret current, long counter) {
        byte[] prk = Crypto.extract("rotate".getBytes(StandardCharsets.US_ASCII), current.bytes());
        return Secret.wrap(Crypto.expand(prk, u32(counter), 32));
    }

    /** The root of the next generation, which takes a fresh exchange (profile §13). */
    public static Secret rotatedRoot(Secret currentRoot, Secret nextSessionKey, byte[] shared,
            byte[] requesterKey, byte[] answererKey) {
        return Secret.wrap(Crypto.extract(currentRoot.bytes(),
                join(nextSessionKey.bytes(), shared, requesterKey, answererKey)));
    }

    /** The associated data of a ticket (profile §12). */
    public static byte[] ticketAssociated(int sessionId) {
        return join(label("ticket"), u16(sessionId));
    }
}
