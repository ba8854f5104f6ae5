package org.myclerk.core.frame;

import java.util.ArrayList;
import java.util.List;

import org.myclerk.api.operation.ProtocolException.Malformed;

/** A tier-0 container: several messages in one sealed NOP (§3.2, profile §9). No state. */
public final class Container {

    /** Items a container may have. */
    public static final int MOST_ITEMS = 256;

    /** What each item adds to its payload: length, flags and operation. */
    public static final int ITEM_OVERHEAD = 5;

    private static final int MESSAGE_HEADER = 3;

    private Container() {
    }

    /** One message: its payload is a window of the container's array, to be judged for itself. */
    public record Item(int operation, int offset, int length) {
    }

    /** Whether an operation may stand in a container. */
    public static boolean allowed(int operation) {
        return operation != 0 && operation != 0xFFFF && (operation < 0x0003 || operation > 0x001F);
    }

    /**
     * Writes an item.
     *
     * @param operation one that is {@link #allowed}
     * @param length of the payload, up to 65532
     * @return the position after it
     */
    public static int write(byte[] buffer, int position, int operation, byte[] payload, int offset,
            int length) {
        header(buffer, position, operation, length);
        System.arraycopy(payload, offset, buffer, position + ITEM_OVERHEAD, length);
        return position + ITEM_OVERHEAD + length;
    }

    /** Writes what stands before an item's payload, which follows after {@link #ITEM_OVERHEAD}. */
    public static void header(byte[] buffer, int position, int operation, int length) {
        if (!allowed(operation) || MESSAGE_HEADER + length > 0xFFFF) {
            throw new IllegalArgumentException("operation 0x%04X with %d bytes cannot be an item"
                    .formatted(operation, length));
        }
        Wire.u16(buffer, position, MESSAGE_HEADER + length);
        buffer[position + 2] = 0;
        Wire.u16(buffer, position + 3, operation);
    }

    /**
     * Reads all items, or none.
     *
     * @throws Malformed if any item breaks a rule: then the container is lost as a whole
     */
    public static List<Item> read(byte[] array) throws Malformed {
        check(array);
        List<Item> items = new ArrayList<>();
        for (int at = 0; at < array.length; at = next(array, at)) {
            items.add(item(array, at));
        }
        return items;
    }

    /**
     * Judges all items. Then the first stands at 0, and each of the others at {@link #next}.
     *
     * @throws Malformed if any item breaks a rule: then the container is lost as a whole
     */
    public static void check(byte[] array) throws Malformed {
        int position = 0;
        int items = 0;
        while (position < array.length) {
            if (array.length - position < 2) {
                throw new Malformed("container ends in a length");
            }
            int size = Wire.u16(array, position);
            position += 2;
            if (size < MESSAGE_HEADER || size > array.length - position) {
                throw new Malformed("item of %d bytes, %d left".formatted(size, array.length - position));
            }
            int operation = Wire.u16(array, position + 1);
            if (array[position] != 0 || !allowed(operation)) {
                throw new Malformed("item of operation 0x%04X is not allowed".formatted(operation));
            }
            if (items++ == MOST_ITEMS) {
                throw new Malformed("more than " + MOST_ITEMS + " items");
            }
            position += size;
        }
    }

    /** The item at a position. */
    public static Item item(byte[] array, int at) {
        return new Item(Wire.u16(array, at + 3), at + ITEM_OVERHEAD, Wire.u16(array, at) - MESSAGE_HEADER);
    }

    /** Where the item after the one at a position stands, or the end of the array. */
    public static int next(byte[] array, int at) {
        return at + 2 + Wire.u16(array, at);
    }
}
