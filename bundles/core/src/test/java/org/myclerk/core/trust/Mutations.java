package org.myclerk.core.trust;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;

import org.myclerk.api.operation.ProtocolException;
import org.myclerk.api.payload.Bytes;

/** Bytes that must not be accepted because they differ from good ones. */
final class Mutations {

    /** Whether bytes are accepted; a protocol exception says no. */
    interface Check {
        boolean accepts(Bytes changed) throws ProtocolException;
    }

    private Mutations() {
    }

    static void eachBit(byte[] good, Check check) {
        for (int bit = 0; bit < good.length * 8; bit++) {
            byte[] changed = good.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertFalse(accepted(changed, check), "bit " + bit);
        }
    }

    static void eachPrefixAndOneMore(byte[] good, Check check) {
        for (int length = 0; length < good.length; length++) {
            assertFalse(accepted(Arrays.copyOf(good, length), check), "length " + length);
        }
        assertFalse(accepted(Arrays.copyOf(good, good.length + 1), check), "one byte more");
    }

    private static boolean accepted(byte[] changed, Check check) {
        try {
            return check.accepts(Bytes.wrap(changed));
        } catch (ProtocolException refused) {
            return false;
        }
    }
}
