package org.myclerk.core.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.Vectors;

/** Any bytes at the reader of what is signed: what was read is written as the same body and signature. */
class SignedBodyFuzzTest {

    private static final Bytes ROOT =
            Vectors.samples(name -> name.equals("root_pub")).map(Bytes::wrap).findFirst().orElseThrow();
    private static final Set<SignedBody> ORIGINALS =
            seeds().map(SignedBodyFuzzTest::parse).collect(Collectors.toSet());

    static Stream<byte[]> seeds() {
        return Vectors.samples(name -> name.equals("cert") || name.equals("crl"));
    }

    private static SignedBody parse(byte[] encoded) {
        try {
            return SignedBody.parse(Bytes.wrap(encoded), "seed");
        } catch (Malformed impossible) {
            throw new AssertionError(impossible);
        }
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsWhatItWritesAndBelievesTheSignerOnly(byte[] input) throws Malformed {
        SignedBody signed;
        try {
            signed = SignedBody.parse(Bytes.wrap(input), "input");
        } catch (Malformed refused) {
            assertNotNull(refused.getMessage());
            return;
        }
        assertEquals(signed, SignedBody.parse(signed.encoded(), "copy"));
        assertEquals(64, signed.sig().length());
        assertTrue(ORIGINALS.contains(signed) || !signed.signedBy(ROOT, "certificate"), "believed");
        assertFalse(signed.signedBy(ROOT, "nothing that is signed"));
    }
}
