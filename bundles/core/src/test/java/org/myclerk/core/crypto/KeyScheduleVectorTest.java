package org.myclerk.core.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.core.Vectors.hex;

import java.util.Arrays;
import java.util.HexFormat;

import jakarta.json.JsonObject;
import jakarta.json.JsonValue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.core.Vectors;

/** Everything that is derived, against the groups kdf, identity and handshakes. */
class KeyScheduleVectorTest {

    private static Secret secret(JsonObject object, String key) {
        return Secret.wrap(hex(object, key));
    }

    private static byte[] frame(JsonObject frames, int number) {
        String key = frames.keySet().stream().filter(name -> name.startsWith(number + " ")).findFirst()
                .orElseThrow();
        return hex(frames, key);
    }

    private static void assertKeys(JsonObject object, String key, TrafficKeys keys) {
        byte[] expected = hex(object, key);
        assertArrayEquals(Arrays.copyOf(expected, 32), keys.aead().bytes(), key);
        assertArrayEquals(Arrays.copyOfRange(expected, 32, 64), keys.mac().bytes(), key);
        assertArrayEquals(Arrays.copyOfRange(expected, 64, 68), keys.random().bytes(), key);
    }

    @ParameterizedTest
    @MethodSource("org.myclerk.core.Vectors#all")
    void derivesSessionKeysAndRoots(Vectors vectors) {
        JsonObject kdf = vectors.group("kdf");
        Secret sessionKey = KeySchedule.sessionKey(hex(kdf, "shared"), hex(kdf, "nonce_initiator"),
                hex(kdf, "nonce_responder"));
        assertEquals(secret(kdf, "session_key"), sessionKey);
        assertEquals(secret(kdf, "rotated_1"), KeySchedule.rotatedSessionKey(sessionKey, 1));
        assertEquals(secret(kdf, "root_no_psk"), KeySchedule.root(null, sessionKey));
        for (String key : kdf.keySet()) {
            if (key.startsWith("root_psk_")) {
                byte[] psk = new byte[32];
                Arrays.fill(psk, HexFormat.of().parseHex(key.substring("root_psk_".length()))[0]);
                assertEquals(secret(kdf, key), KeySchedule.root(Secret.wrap(psk), sessionKey));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.myclerk.core.Vectors#all")
    void namesFamiliesAndKeys(Vectors vectors) {
        JsonObject identity = vectors.group("identity");
        byte[] root = hex(identity, "root_pub");
        assertArrayEquals(root, Crypto.ed25519PublicKey(hex(identity, "root_seed")));
        assertArrayEquals(hex(identity, "family_id"), KeySchedule.familyId(root));
        for (String side : new String[] {"initiator", "responder"}) {
            JsonObject node = identity.getJsonObject(side);
            assertArrayEquals(hex(node, "pub"), Crypto.ed25519PublicKey(hex(node, "seed")));
        }
        JsonObject invitation = vectors.extra("invitation");
        if (!invitation.isEmpty()) {
            assertArrayEquals(hex(invitation, "psk_id"), KeySchedule.pskId(secret(invitation, "psk")));
        }
    }

    @ParameterizedTest
    @MethodSource("org.myclerk.core.Vectors#all")
    void derivesEveryKeyOfEveryHandshake(Vectors vectors) throws Exception {
        for (JsonValue value : vectors.json().getJsonArray("handshakes")) {
            JsonObject handshake = value.asJsonObject();
            JsonObject frames = handshake.getJsonObject("frames");
            JsonObject secrets = handshake.getJsonObject("secrets");
            JsonObject random = handshake.getJsonObject("random");

            byte[] shared = Wired.JDK.x25519(hex(random, "eph-responder"),
                    Crypto.x25519PublicKey(hex(random, "eph-initiator")));
            assertArrayEquals(hex(secrets, "shared"), shared);
            Secret sessionKey = KeySchedule.sessionKey(shared, hex(random, "nonce-initiator"),
                    hex(random, "nonce-responder"));
            assertEquals(secret(secrets, "session_key"), sessionKey);
            Secret root = KeySchedule.root(handshake.isNull("psk") ? null : secret(handshake, "psk"),
                    sessionKey);
            assertEquals(secret(secrets, "root"), root);

            Transcript transcript = Transcript.handshake();
            transcript = transcript.with(frame(frames, 1));
            assertArrayEquals(hex(secrets, "th1"), transcript.hash());
            transcript = transcript.with(frame(frames, 2));
            assertArrayEquals(hex(secrets, "th2"), transcript.hash());
            transcript = transcript.with(frame(frames, 3));
            assertArrayEquals(hex(secrets, "th3"), transcript.hash());
            byte[] bound = transcript.with(frame(frames, 4), 16, 32).hash();
            assertArrayEquals(hex(secrets, "th_hs"), bound);
            transcript = transcript.with(frame(frames, 4));
            assertArrayEquals(hex(secrets, "th4"), transcript.hash());
            byte[] application = transcript.with(frame(frames, 5)).hash();
            assertArrayEquals(hex(secrets, "th_app"), application);

            assertKeys(secrets, "hs_i2r", KeySchedule.handshakeKeys(root, true, bound));
            assertKeys(secrets, "hs_r2i", KeySchedule.handshakeKeys(root, false, bound));
            assertKeys(secrets, "app_i2r", KeySchedule.applicationKeys(root, true, application));
            assertKeys(secrets, "app_r2i", KeySchedule.applicationKeys(root, false, application));
            assertEquals(secret(secrets, "resumption"), KeySchedule.resumptionSecret(root, application));
            assertArrayEquals(hex(secrets, "session_uid"), KeySchedule.sessionUid(root, application));
            if (secrets.containsKey("ticket")) {
                sealsAndOpensTicket(secrets.getJsonObject("ticket"), frame(frames, 4));
            }
            if (handshake.containsKey("rotation") && !handshake.isNull("rotation")) {
                rotates(handshake.getJsonObject("rotation"), random, sessionKey, root, application);
            }
            if (handshake.containsKey("resumption") && !handshake.isNull("resumption")) {
                resumes(handshake.getJsonObject("resumption"));
            }
        }
    }

    private static void sealsAndOpensTicket(JsonObject ticket, byte[] anyFrame) throws Exception {
        int sessionId = (anyFrame[4] & 0xFF) << 8 | anyFrame[5] & 0xFF;
        assertArrayEquals(hex(ticket, "aad"), KeySchedule.ticketAssociated(sessionId));
        byte[] sealed = Crypto.aesGcmSeal(hex(ticket, "key"), hex(ticket, "iv"), hex(ticket, "aad"),
                hex(ticket, "plaintext"));
        assertArrayEquals(hex(ticket, "ciphertext"), Arrays.copyOf(sealed, 64));
        assertArrayEquals(hex(ticket, "tag"), Arrays.copyOfRange(sealed, 64, 80));
        assertArrayEquals(hex(ticket, "plaintext"),
                Crypto.aesGcmOpen(hex(ticket, "key"), hex(ticket, "iv"), hex(ticket, "aad"), sealed));
    }

    private static void rotates(JsonObject rotation, JsonObject random, Secret sessionKey, Secret root,
            byte[] application) throws Exception {
        byte[] requester = Crypto.x25519PublicKey(hex(random, "rotate-eph-I"));
        byte[] answerer = Crypto.x25519PublicKey(hex(random, "rotate-eph-R"));
        byte[] shared = Wired.JDK.x25519(hex(random, "rotate-eph-I"), answerer);
        assertArrayEquals(hex(rotation, "dh"), shared);
        Secret nextKey = KeySchedule.rotatedSessionKey(sessionKey, Vectors.number(rotation, "counter"));
        assertEquals(secret(rotation, "session_key"), nextKey);
        Secret nextRoot = KeySchedule.rotatedRoot(root, nextKey, shared, requester, answerer);
        assertEquals(secret(rotation, "root"), nextRoot);
        assertKeys(rotation, "app_i2r", KeySchedule.applicationKeys(nextRoot, true, application));
        assertKeys(rotation, "app_r2i", KeySchedule.applicationKeys(nextRoot, false, application));
    }

    private static void resumes(JsonObject resumption) throws Exception {
        JsonObject frames = resumption.getJsonObject("frames");
        JsonObject random = resumption.getJsonObject("random");
        byte[] shared = Wired.JDK.x25519(hex(random, "resume-eph-initiator"),
                Crypto.x25519PublicKey(hex(random, "resume-eph-responder")));
        Secret sessionKey = KeySchedule.sessionKey(shared, hex(random, "resume-nonce-initiator"),
                hex(random, "resume-nonce-responder"));
        assertEquals(secret(resumption, "session_key"), sessionKey);
        Secret resumptionSecret = secret(resumption, "rs");
        assertEquals(secret(resumption, "root"), KeySchedule.root(resumptionSecret, sessionKey));
        assertArrayEquals(hex(resumption, "th_app"),
                Transcript.resumption().with(frame(frames, 1)).with(frame(frames, 2)).hash());

        byte[] frame = frame(frames, 1);
        boolean tier5 = frame[0] >> 3 == 5;
        byte[] body = Arrays.copyOfRange(frame, tier5 ? 64 : 48, frame.length - (tier5 ? 32 : 8) - 32);
        byte[] binder = KeySchedule.binder(resumptionSecret, Arrays.copyOf(frame, 48), body);
        assertArrayEquals(hex(resumption, "binder"), binder);
        assertTrue(HexFormat.of().formatHex(frame).contains(HexFormat.of().formatHex(binder)));
    }
}
