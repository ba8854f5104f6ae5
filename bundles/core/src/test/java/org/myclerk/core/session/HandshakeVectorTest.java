package org.myclerk.core.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.core.Vectors.hex;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import jakarta.json.JsonObject;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.Vectors;
import org.myclerk.core.crypto.CryptoProvider;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.crypto.Wired;
import org.myclerk.core.session.Trust.PreSharedKey;

/** Every handshake of the vectors, in both roles, byte for byte. */
class HandshakeVectorTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final long NOW = 1_000_000;

    /** One handshake of one file. */
    record Case(Vectors vectors, int index, JsonObject handshake, CryptoProvider crypto) {

        @Override
        public String toString() {
            return "%s handshake %d, %s".formatted(vectors.name(), index, crypto.name());
        }

        Settings settings() {
            End.Clock clock = new End.Clock();
            clock.seconds = Vectors.number(vectors.json(), "time");
            return new Settings(Tier.T5, Tier.T3, List.of(0L, 2L, 4L), Limits.DEFAULT, clock, crypto);
        }

        JsonObject frames() {
            return handshake.getJsonObject("frames");
        }

        byte[] frame(String start) {
            return find(frames(), start);
        }

        static byte[] find(JsonObject frames, String start) {
            String name = frames.keySet().stream().filter(key -> key.startsWith(
                    start)).findFirst().orElseThrow();
            return hex(frames, name);
        }

        String random(String name) {
            return handshake.getJsonObject("random").getString(name);
        }

        boolean pairing() {
            return handshake.getBoolean("pairing");
        }

        Optional<PreSharedKey> key() {
            if (handshake.isNull("psk")) {
                return Optional.empty();
            }
            Secret secret = Secret.wrap(hex(handshake, "psk"));
            return Optional.of(new PreSharedKey(Bytes.wrap(KeySchedule.pskId(secret)), secret, pairing()));
        }

        TestNode node(String role, boolean certified) {
            JsonObject identity = vectors.group("identity");
            JsonObject own = identity.getJsonObject(role);
            return new TestNode(Secret.wrap(hex(own, "seed")), Bytes.wrap(hex(identity, "root_pub")),
                    certified ? Bytes.wrap(hex(own, "device")) : Bytes.EMPTY,
                    certified ? Optional.of(Bytes.wrap(hex(own, "cert"))) : Optional.empty());
        }

        Wish wish() {
            Tier wanted = Tier.of(handshake.getInt("requested_tier"));
            return new Wish(wanted, Tier.T3, Optional.empty(), key(), key().isPresent(), Optional.empty(),
                    List.of(0L, 2L, 4L));
        }

        End initiator() {
            List<String> script = new ArrayList<>(List.of(random("nonce-initiator"), random("hdr-nonce-I0"),
                    random("eph-initiator"), random("hdr-nonce-I1")));
            if (rotates()) {
                script.add(random("rotate-eph-I"));
            }
            return End.initiator(settings(), node("initiator", !pairing()), wish(), Line.TCP,
                    ScriptedRandom.ofHex(script.toArray(String[]::new)));
        }

        End responder(TestNode node, TicketKeys tickets) {
            List<String> script = new ArrayList<>(List.of(HEX.formatHex(frame("2"), 4, 6),
                    random("nonce-responder"), random("hdr-nonce-R"), random("eph-responder")));
            if (!pairing()) {
                script.add(random("ticket-nonce"));
                script.add(random("ticket-iv"));
            }
            if (rotates()) {
                script.add(random("rotate-eph-R"));
            }
            key().ifPresent(node::knows);
            return End.responder(settings(), node, tickets, new Admission(Limits.DEFAULT), Line.TCP,
                    ScriptedRandom.ofHex(script.toArray(String[]::new)));
        }

        boolean rotates() {
            return handshake.containsKey("rotation");
        }

        TicketKeys tickets() {
            JsonObject secrets = handshake.getJsonObject("secrets");
            return new TicketKeys(secrets.containsKey("ticket")
                    ? ScriptedRandom.of(hex(secrets.getJsonObject("ticket"), "key")) : new ScriptedRandom());
        }
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (Vectors vectors : Vectors.all()) {
            int index = 0;
            for (JsonObject handshake : vectors.json().getJsonArray("handshakes").getValuesAs(
                    JsonObject.class)) {
                for (CryptoProvider crypto : Wired.all()) {
                    cases.add(new Case(vectors, index, handshake, crypto));
                }
                index++;
            }
        }
        return cases;
    }

    private static void give(End to, byte[] frame) {
        to.receive(frame, NOW);
        assertNull(to.ended, () -> String.valueOf(to.ended));
    }

    /** Both ends after the handshake, each fed with the vectors' frames. */
    private record Ends(End initiator, End responder) {
    }

    private static Ends handshake(Case vector, TicketKeys tickets) {
        End i = vector.initiator();
        End r = vector.responder(vector.node("responder", true), tickets);
        i.session.start(NOW);
        r.session.start(NOW);
        assertArrayEquals(vector.frame("1"), i.next());
        give(r, vector.frame("1"));
        assertArrayEquals(vector.frame("2"), r.next());
        give(i, vector.frame("2"));
        assertArrayEquals(vector.frame("3"), i.next());
        give(r, vector.frame("3"));
        assertArrayEquals(vector.frame("4"), r.next());
        give(i, vector.frame("4"));
        assertArrayEquals(vector.frame("5"), i.next());
        assertFalse(i.confirmed);
        give(r, vector.frame("5"));
        assertArrayEquals(vector.frame("6"), r.next());
        give(i, vector.frame("6"));
        assertTrue(i.confirmed);
        return new Ends(i, r);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void shakesHandsByteForByte(Case vector) {
        Ends ends = handshake(vector, vector.tickets());
        JsonObject secrets = vector.handshake().getJsonObject("secrets");
        Bytes uid = Bytes.wrap(hex(secrets, "session_uid"));
        assertEquals(uid, ends.initiator.established.uid());
        assertEquals(uid, ends.responder.established.uid());
        assertEquals(vector.handshake().getInt("requested_tier"), ends.responder.established.tier().number());
        assertEquals(vector.pairing(), ends.responder.established.pairing());
        assertEquals(!vector.pairing(), ends.initiator.ticket != null);
        if (vector.pairing()) {
            assertEquals(Set.of("joining"), ends.responder.established.peer().roles());
        } else {
            JsonObject ticket = secrets.getJsonObject("ticket");
            assertEquals(Bytes.wrap(hex(ticket, "ciphertext")), ends.initiator.ticket.ticket());
            assertArrayEquals(hex(secrets, "resumption"), ends.initiator.ticket.secret().bytes());
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void carriesRequestAndResponses(Case vector) {
        Ends ends = handshake(vector, vector.tickets());
        give(ends.responder, vector.frame("7"));
        resend(ends.responder.lastMessage(), ends.initiator, vector.frame("7"));
        give(ends.initiator, vector.frame("8"));
        resend(ends.initiator.lastMessage(), ends.responder, vector.frame("8"));
        give(ends.initiator, vector.frame("9"));
        End.Message error = ends.initiator.lastMessage();
        resend(error, ends.responder, vector.frame("9"));
        assertFalse(error.status().success());
    }

    /** The other end seals what was read and must get the same frame. */
    private static void resend(End.Message message, End sender, byte[] frame) {
        sender.send(NOW, new Outgoing(message.tier(), message.operation(), End.bytes(message).toArray(),
                false));
        assertArrayEquals(frame, sender.next());
    }

    static List<Case> rotations() {
        return cases().stream().filter(Case::rotates).toList();
    }

    @ParameterizedTest
    @MethodSource("rotations")
    void rotates(Case vector) {
        Ends ends = handshake(vector, vector.tickets());
        for (String number : List.of("7", "8", "9")) {
            End to = number.equals("7") ? ends.responder : ends.initiator;
            give(to, vector.frame(number));
            resend(to.lastMessage(), number.equals("7") ? ends.initiator : ends.responder,
                    vector.frame(number));
        }
        JsonObject frames = vector.handshake().getJsonObject("rotation").getJsonObject("frames");
        byte[] request = Case.find(frames, "SESSION_ROTATE request");
        skipRids(ends.initiator, RID_BEFORE_ROTATION);
        ends.initiator.session.rotate(NOW);
        assertArrayEquals(request, ends.initiator.next());
        give(ends.responder, request);
        byte[] response = Case.find(frames, "SESSION_ROTATE response");
        assertArrayEquals(response, ends.responder.next());
        give(ends.initiator, response);
        byte[] keepalive = Case.find(frames, "KEEPALIVE generation 1");
        assertArrayEquals(keepalive, ends.initiator.next());
        give(ends.responder, keepalive);
        byte[] acknowledged = Case.find(frames, "KEEPALIVE_ACK generation 1");
        assertArrayEquals(acknowledged, ends.responder.next());
        give(ends.initiator, acknowledged);
        assertEquals(1, ends.initiator.session.generation());
        assertEquals(List.of(1L), ends.responder.rotations);
    }

    private static final int RID_BEFORE_ROTATION = 76;

    private static void skipRids(End end, int count) {
        for (int i = 0; i < count; i++) {
            end.session.nextRid();
        }
    }

    @ParameterizedTest
    @MethodSource("rotations")
    void resumes(Case vector) {
        TicketKeys tickets = vector.tickets();
        TestNode responder = vector.node("responder", true);
        End i = vector.initiator();
        End r = vector.responder(responder, tickets);
        i.session.start(NOW);
        r.session.start(NOW);
        End.pump(i, r, NOW);
        JsonObject resumption = vector.handshake().getJsonObject("resumption");
        JsonObject random = resumption.getJsonObject("random");
        JsonObject frames = resumption.getJsonObject("frames");
        byte[] first = Case.find(frames, "1");
        byte[] second = Case.find(frames, "2");
        byte[] third = Case.find(frames, "3");
        End i2 = End.initiator(vector.settings(), vector.node("initiator", true),
                vector.wish().resuming(i.ticket),
                Line.TCP, ScriptedRandom.ofHex(random.getString("resume-nonce-initiator"),
                        random.getString("resume-eph-initiator"), random.getString("hdr-nonce-resume")));
        End r2 = End.responder(vector.settings(), responder, tickets, new Admission(Limits.DEFAULT), Line.TCP,
                ScriptedRandom.of(Arrays.copyOfRange(second, 4, 6), hex(random, "resume-nonce-responder"),
                        hex(random, "resume-eph-responder"), hex(random, "hdr-nonce-R"), hex(random,
                        "ticket-nonce"), hex(random, "ticket-iv")));
        i2.session.start(NOW);
        r2.session.start(NOW);
        assertArrayEquals(first, i2.next());
        give(r2, first);
        assertArrayEquals(second, r2.next());
        assertArrayEquals(third, r2.next());
        give(i2, second);
        assertTrue(i2.session.isOpen());
        assertFalse(i2.confirmed);
        give(i2, third);
        assertTrue(i2.confirmed);
        assertTrue(r2.established.resumed());
        byte[] fourth = Case.find(frames, "4");
        give(r2, fourth);
        resend(r2.lastMessage(), i2, fourth);
    }

    static List<Vectors> withRefusals() {
        return Vectors.all().stream().filter(vectors -> !vectors.extra("refusals").isEmpty()).toList();
    }

    @ParameterizedTest
    @MethodSource("withRefusals")
    void refuses(Vectors vectors) {
        JsonObject refusals = vectors.extra("refusals");
        Case any = cases().stream().filter(one -> one.vectors().name().equals(vectors.name())).findFirst()
                .orElseThrow();
        Bytes echo = Bytes.wrap(hex(refusals, "echo"));
        End tooLow = End.responder(any.settings(), any.node("responder", true), any.tickets(),
                new Admission(Limits.DEFAULT), Line.TCP, ScriptedRandom.ofHex("0000"));
        tooLow.session.start(NOW);
        tooLow.receive(Forged.init(Tier.T2, echo, any.settings().clock().unixSeconds()), NOW);
        assertArrayEquals(hex(refusals, "SESSION_ACK required-tier 3"), tooLow.next());
        assertEquals(ErrorCode.FORBIDDEN, tooLow.ended.code());

        byte[] resumed = hex(refusals, "SESSION_RESUMED 0x17");
        End unknown = End.responder(any.settings(), any.node("responder", true), any.tickets(),
                new Admission(Limits.DEFAULT), Line.TCP, ScriptedRandom.of(Arrays.copyOfRange(resumed, 10,
                12)));
        unknown.session.start(NOW);
        unknown.receive(Forged.resume(echo, any.settings().clock().unixSeconds()), NOW);
        assertArrayEquals(resumed, unknown.next());
        assertEquals(ErrorCode.INVALID_SESSION, unknown.ended.code());
    }
}
