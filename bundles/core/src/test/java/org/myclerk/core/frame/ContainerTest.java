package org.myclerk.core.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.myclerk.api.operation.ProtocolException.Malformed;

class ContainerTest {

    private static final int GPIO_LINE_SET = 0x0624;

    private static byte[] items(int count, int operation) {
        byte[] array = new byte[count * (Container.ITEM_OVERHEAD + 2)];
        int position = 0;
        for (int i = 0; i < count; i++) {
            position = Container.write(array, position, operation,
                    new byte[] {9, (byte) i, (byte) (i >> 8), 9}, 1, 2);
        }
        assertEquals(array.length, position);
        return array;
    }

    @Test
    void readsWhatItWrote() throws Malformed {
        byte[] array = items(256, GPIO_LINE_SET);
        List<Container.Item> items = Container.read(array);
        assertEquals(Container.MOST_ITEMS, items.size());
        for (int i = 0; i < items.size(); i++) {
            Container.Item item = items.get(i);
            assertEquals(GPIO_LINE_SET, item.operation());
            assertArrayEquals(new byte[] {(byte) i, (byte) (i >> 8)},
                    Arrays.copyOfRange(array, item.offset(), item.offset() + item.length()));
        }
        assertTrue(Container.read(new byte[0]).isEmpty());
    }

    @Test
    void refusesThe257thItem() {
        assertThrows(Malformed.class, () -> Container.read(items(257, GPIO_LINE_SET)));
    }

    @Test
    void refusesEveryPrefixThatCutsAnItem() throws Malformed {
        byte[] array = items(3, GPIO_LINE_SET);
        for (int length = 1; length < array.length; length++) {
            byte[] prefix = Arrays.copyOf(array, length);
            if (length % 7 == 0) {
                assertEquals(length / 7, Container.read(prefix).size());
            } else {
                assertThrows(Malformed.class, () -> Container.read(prefix), "length " + length);
            }
        }
    }

    @Test
    void refusesOperationsThatMayNotBeInside() throws Malformed {
        for (int operation = 0; operation <= 0xFFFF; operation++) {
            boolean allowed = operation == 1 || operation == 2 || operation >= 0x20 && operation < 0xFFFF;
            assertEquals(allowed, Container.allowed(operation));
            byte[] array = {0, 3, 0, (byte) (operation >> 8), (byte) operation};
            if (allowed) {
                assertEquals(operation, Container.read(array).getFirst().operation());
            } else {
                assertThrows(Malformed.class, () -> Container.read(array));
            }
        }
    }

    @Test
    void losesAllForOneBadItem() {
        byte[] array = items(5, GPIO_LINE_SET);
        array[4 * 7 + 2] = 0x08;
        assertThrows(Malformed.class, () -> Container.read(array), "an item of tier 1");
        array[4 * 7 + 2] = 0;
        array[1] = 2;
        assertThrows(Malformed.class, () -> Container.read(array), "an item without an operation");
    }

    @Test
    void writesOnlyWhatMayBeRead() {
        byte[] buffer = new byte[0x10010];
        assertThrows(IllegalArgumentException.class, () -> Container.write(buffer, 0, 0, buffer, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> Container.write(buffer, 0, 0x0005, buffer, 0, 1));
        assertThrows(IllegalArgumentException.class,
                () -> Container.write(buffer, 0, GPIO_LINE_SET, buffer, 0, 0xFFFD));
        assertEquals(0x10001, Container.write(buffer, 0, GPIO_LINE_SET, new byte[0xFFFC], 0, 0xFFFC));
    }
}
