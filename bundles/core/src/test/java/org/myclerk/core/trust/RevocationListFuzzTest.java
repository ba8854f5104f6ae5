package org.myclerk.core.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.Vectors;

/** Any bytes at the reader of revocation lists. */
class RevocationListFuzzTest {

    static Stream<byte[]> seeds() {
        return Vectors.samples(name -> name.equals("crl"));
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsAnyListOrRefusesIt(byte[] input) {
        RevocationList list;
        try {
            list = RevocationList.parse(Bytes.wrap(input));
        } catch (Malformed refused) {
            assertNotNull(refused.getMessage());
            return;
        }
        assertEquals(Bytes.wrap(input), list.encoded());
        assertTrue(list.body().serials().stream().allMatch(serial -> serial >= 0 && list.names(serial)));
        assertFalse(list.names(-1));
        assertNotNull(list.toString());
        assertEquals(16, list.family().length());
    }
}
