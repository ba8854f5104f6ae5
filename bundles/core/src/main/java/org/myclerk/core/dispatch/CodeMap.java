package org.myclerk.core.dispatch;

import java.util.Map;
import java.util.Set;

/** Values by operation code, looked up without an object for the code. Immutable. */
final class CodeMap<V> {

    private final Map<Integer, V> values;
    private final int[] codes;
    private final Object[] table;
    private final int mask;

    CodeMap(Map<Integer, V> values) {
        this.values = Map.copyOf(values);
        int size = Integer.highestOneBit(Math.max(1, values.size())) << 2;
        mask = size - 1;
        codes = new int[size];
        table = new Object[size];
        for (Map.Entry<Integer, V> entry : values.entrySet()) {
            int at = place(entry.getKey());
            codes[at] = entry.getKey();
            table[at] = entry.getValue();
        }
    }

    /** Where the code stands, or the free place where it would. */
    private int place(int code) {
        int at = code & mask;
        while (table[at] != null && codes[at] != code) {
            at = at + 1 & mask;
        }
        return at;
    }

    /** The value of a code, or {@code null}. */
    @SuppressWarnings("unchecked")
    V get(int code) {
        return (V) table[place(code)];
    }

    Set<Integer> codes() {
        return values.keySet();
    }
}
