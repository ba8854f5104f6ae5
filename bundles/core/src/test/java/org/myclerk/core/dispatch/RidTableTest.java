package org.myclerk.core.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.Test;

class RidTableTest {

    @Test
    void holdsWhatAMapHolds() {
        Random random = new Random(1);
        RidTable<Object> table = new RidTable<>();
        Map<Long, Object> map = new HashMap<>();
        for (int i = 0; i < 200_000; i++) {
            // Neighbours, ids that share a place, and the ends of the range.
            long rid = random.nextInt(4) == 0 ? 0xFFFF_FFFFL - random.nextInt(40) : random.nextInt(8) * 64L
                    + random.nextInt(20) + 1;
            if (random.nextInt(map.size() + 1) < 40 && !map.containsKey(rid)) {
                Object value = new Object();
                map.put(rid, value);
                table.put(rid, value);
            } else {
                Object value = map.getOrDefault(rid, this);
                assertEquals(map.remove(rid) != null, table.remove(rid, value));
            }
            assertSame(map.get(rid), table.get(rid));
            assertEquals(map.isEmpty(), table.isEmpty());
        }
        Map<Long, Object> entries = new HashMap<>();
        table.entries().forEach(entry -> entries.put(entry.rid(), entry.value()));
        assertEquals(map, entries);
    }

    @Test
    void removesOnlyTheVeryValue() {
        RidTable<String> table = new RidTable<>();
        table.put(7, "seven");
        assertFalse(table.remove(7, "six"));
        assertFalse(table.remove(8, null));
        assertTrue(table.remove(7, "seven"));
        assertFalse(table.remove(7, "seven"));
    }

    @Test
    void findsEveryCodeOfAMap() {
        Map<Integer, Integer> map = new HashMap<>();
        List<Integer> absent = new ArrayList<>();
        Random random = new Random(2);
        for (int i = 0; i < 300; i++) {
            map.put(random.nextInt(0x10000), i);
            absent.add(random.nextInt(0x10000));
        }
        CodeMap<Integer> codes = new CodeMap<>(map);
        map.forEach((code, value) -> assertEquals(value, codes.get(code)));
        absent.forEach(code -> assertEquals(map.get(code), codes.get(code)));
        assertEquals(map.keySet(), codes.codes());
        assertEquals(null, new CodeMap<>(Map.of()).get(0));
    }
}
