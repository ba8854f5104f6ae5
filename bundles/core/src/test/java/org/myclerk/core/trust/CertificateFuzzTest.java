package org.myclerk.core.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.Vectors;

/** Any bytes at the reader of certificates: none but the vectors' own is believed. */
class CertificateFuzzTest {

    private static final List<Bytes> ROOTS =
            Vectors.samples(name -> name.equals("root_pub")).map(Bytes::wrap).toList();
    private static final Set<Certificate.Body> BODIES =
            seeds().map(CertificateFuzzTest::body).collect(Collectors.toSet());

    static Stream<byte[]> seeds() {
        return Vectors.samples(name -> name.equals("cert"));
    }

    /** What is signed, so that a change of form around it is none. */
    private static Certificate.Body body(byte[] encoded) {
        try {
            return Certificate.parse(Bytes.wrap(encoded)).body();
        } catch (Malformed impossible) {
            throw new AssertionError(impossible);
        }
    }

    @MethodSource("seeds")
    @FuzzTest
    void believesNoneThatWasChanged(byte[] input) {
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
            assertTrue(BODIES.contains(certificate.body()), "believed");
        }
    }
}
