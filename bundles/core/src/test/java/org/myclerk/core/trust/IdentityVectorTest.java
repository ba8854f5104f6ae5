package org.myclerk.core.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;

import jakarta.json.JsonObject;
import jakarta.json.JsonString;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.Vectors;
import org.myclerk.core.crypto.Secret;

/** Certificates, invitations and revocation lists of the shared vectors, both ways. */
class IdentityVectorTest {

    private static List<Vectors> files() {
        return Vectors.all();
    }

    private static Stream<Arguments> certificates() {
        return files().stream().filter(file -> file.json().containsKey("identity"))
                .flatMap(file -> Stream.of("initiator", "responder").map(who -> Arguments.of(file, who)));
    }

    private static Stream<Vectors> invitations() {
        return files().stream().filter(file -> file.extra("invitation").containsKey("text"));
    }

    private static Stream<Vectors> revocations() {
        return files().stream().filter(file -> file.extra("revocations").containsKey("crl"));
    }

    private static Bytes bytes(JsonObject object, String key) {
        return Bytes.wrap(Vectors.hex(object, key));
    }

    @ParameterizedTest
    @MethodSource("certificates")
    void readsVerifiesAndIssuesCertificates(Vectors file, String who) throws Malformed {
        JsonObject identity = file.group("identity");
        JsonObject holder = identity.getJsonObject(who);
        Certificate read = Certificate.parse(bytes(holder, "cert"));
        assertEquals(bytes(identity, "family_id"), read.family());
        assertEquals(bytes(holder, "device"), read.node());
        assertEquals(bytes(holder, "pub"), read.body().key());
        assertTrue(read.begun(Vectors.number(file.json(), "time")));
        assertFalse(read.expired(Vectors.number(file.json(), "time")));
        assertTrue(read.signedBy(bytes(identity, "root_pub")));
        Secret root = Secret.wrap(Vectors.hex(identity, "root_seed"));
        assertEquals(bytes(holder, "cert"), Certificate.issue(root, read.body()).encoded());
        assertEquals(bytes(holder, "pub"), KeyFile.publicKey(Secret.wrap(Vectors.hex(holder, "seed"))));
    }

    @ParameterizedTest
    @MethodSource("certificates")
    void refusesEverySingleBitChangeOfACertificate(Vectors file, String who) {
        JsonObject identity = file.group("identity");
        Bytes root = bytes(identity, "root_pub");
        Mutations.eachBit(Vectors.hex(identity.getJsonObject(who), "cert"),
                changed -> Certificate.parse(changed).signedBy(root));
    }

    @ParameterizedTest
    @MethodSource("certificates")
    void refusesEveryPrefixOfACertificateAndMore(Vectors file, String who) {
        Mutations.eachPrefixAndOneMore(Vectors.hex(file.group("identity").getJsonObject(who), "cert"),
                changed -> Certificate.parse(changed) != null);
    }

    @ParameterizedTest
    @MethodSource("invitations")
    void readsAndWritesInvitations(Vectors file) throws Exception {
        JsonObject vector = file.extra("invitation");
        String text = vector.getString("text");
        Invitation read = Invitation.parse(text);
        assertEquals(bytes(vector, "root"), read.root());
        assertEquals(Secret.wrap(Vectors.hex(vector, "psk")), read.psk());
        assertEquals(bytes(vector, "psk_id"), read.pskId());
        assertEquals(Vectors.number(vector, "exp"), read.expires());
        assertEquals(vector.getJsonArray("at").getValuesAs(JsonString::getString), read.at());
        assertEquals(text, read.text());
        assertEquals(read, Invitation.parse("  \n" + text + "=".repeat((4 - text.length() % 4) % 4)
                + " \r\n"));
    }

    @ParameterizedTest
    @MethodSource("revocations")
    void readsVerifiesAndIssuesRevocationLists(Vectors file) throws Malformed {
        JsonObject vector = file.extra("revocations");
        JsonObject identity = file.group("identity");
        RevocationList read = RevocationList.parse(bytes(vector, "crl"));
        assertEquals(bytes(identity, "family_id"), read.family());
        assertEquals(Vectors.number(vector, "number"), read.number());
        assertEquals(vector.getJsonArray("serials").stream().map(each -> Long.valueOf(each.toString()))
                .toList(),
                read.body().serials());
        assertTrue(read.names(read.body().serials().getFirst()));
        assertFalse(read.names(1));
        assertTrue(read.signedBy(bytes(identity, "root_pub")));
        Secret root = Secret.wrap(Vectors.hex(identity, "root_seed"));
        assertEquals(bytes(vector, "crl"), RevocationList.issue(root, read.body()).encoded());
    }

    @ParameterizedTest
    @MethodSource("revocations")
    void refusesEverySingleBitChangeOfARevocationList(Vectors file) {
        Bytes root = bytes(file.group("identity"), "root_pub");
        byte[] list = Vectors.hex(file.extra("revocations"), "crl");
        Mutations.eachBit(list, changed -> RevocationList.parse(changed).signedBy(root));
        Mutations.eachPrefixAndOneMore(list, changed -> RevocationList.parse(changed) != null);
    }
}
