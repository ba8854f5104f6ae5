package org.myclerk.core.dispatch;

import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.Tier;

/** The lowest tier of an operation, whether or not anything serves it (§8.1, profile §16). */
final class Floors {

    private Floors() {
    }

    /** @param row of the handler, or {@code null} if nothing serves the code */
    static Tier of(int code, Operation<?, ?> row) {
        if (code >= 0x0010 && code <= 0x001F || code >= 0x0300 && code <= 0x03FF) {
            return Tier.T4;
        }
        if (code >= 0xF370 && code <= 0xF37F || code == 0x0204 || code == 0x0205) {
            return row == null ? Tier.T3 : row.floor().atLeast(Tier.T3);
        }
        if (row != null) {
            return row.floor();
        }
        return code >= 0x0610 && code <= 0x066F || code == 0x0212 ? Tier.T1 : Tier.T3;
    }
}
