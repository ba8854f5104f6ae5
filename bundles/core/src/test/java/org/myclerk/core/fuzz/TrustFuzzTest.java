package org.myclerk.core.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.Vectors;
import org.myclerk.core.trust.Certificate;
import org.myclerk.core.trust.Invitation;
import org.myclerk.core.trust.RevocationList;

/** Any bytes at the readers of what a family is made of. */
class TrustFuzzTest {

    private static final List<Bytes> ROOTS = Samples.named(name ->
            name.equals("root_pub")).stream().map(Bytes::wrap)
            .toList();

    /** What is signed: the first of two entries, so that a change of form alone is none. */
    private static Set<Bytes> bodies(List<byte[]> signed) {
        return signed.stream().map(Bytes::wrap).collect(Collectors.toSet());
    }

    @Test
    void believesNoChangedCertificate() {
        List<byte[]> good = Samples.named(name -> name.equals("cert"));
        Set<Bytes> originals = bodies(good);
        new Fuzzer(good).run(20_000, input -> {
            Certificate certificate;
            try {
                certificate = Certificate.parse(Bytes.wrap(input));
            } catch (Malformed refused) {
                assertNotNull(refused.getMessage());
                return;
            }
            assertEquals(Bytes.wrap(input), certificate.encoded());
            assertEquals(16, certificate.node().length());
            assertNotNull(certificate.name());
            assertNotNull(certificate.toString());
            certificate.expired(0);
            certificate.begun(Long.MAX_VALUE);
            certificate.renewalFrom();
            if (ROOTS.stream().anyMatch(certificate::signedBy)) {
                assertTrue(originals.stream().anyMatch(original -> same(original, certificate)), "believed");
            }
        });
    }

    private static boolean same(Bytes original, Certificate certificate) {
        try {
            return Certificate.parse(original).body().equals(certificate.body());
        } catch (Malformed impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Test
    void readsAnyRevocationListOrRefusesIt() {
        new Fuzzer(Samples.named(name -> name.equals("crl"))).run(20_000, input -> {
            RevocationList list;
            try {
                list = RevocationList.parse(Bytes.wrap(input));
            } catch (Malformed refused) {
                assertNotNull(refused.getMessage());
                return;
            }
            assertEquals(Bytes.wrap(input), list.encoded());
            assertTrue(list.body().serials().stream().allMatch(list::names));
            assertFalse(list.names(-1));
            assertNotNull(list.toString());
            assertEquals(16, list.family().length());
        });
    }

    @Test
    void readsAnyInvitationOrRefusesIt() {
        List<byte[]> texts = new ArrayList<>();
        for (Vectors vectors : Vectors.all()) {
            if (vectors.extra("invitation").containsKey("text")) {
                texts.add(vectors.extra("invitation").getString("text").getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        new Fuzzer(texts).run(20_000, input -> {
            Invitation invitation;
            try {
                invitation = Invitation.parse(new String(input, StandardCharsets.ISO_8859_1));
            } catch (Refused refused) {
                assertNotNull(refused.getMessage());
                return;
            }
            assertEquals(invitation.text(), Invitation.parse(invitation.text()).text());
            assertEquals(8, invitation.pskId().length());
            assertEquals(16, invitation.family().length());
            assertNotNull(invitation.endpoints());
        });
    }
}
