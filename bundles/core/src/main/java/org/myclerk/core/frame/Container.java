package org.myclerk.core.frame;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;

/**
 * Several tier-0 messages in the payload of one NOP (§3.2, profile §9), each as
 * {@code u16(n) || 0x00 || operation || payload} where n counts what follows it. No state.
 */
public final class Container {

    /** The most items of one container. */
    public static final int MOST_ITEMS = 256;

    /** Bytes before the payload of an item. */
    public static final int ITEM_OVERHEAD = 5;

    private static final int ITEM_HEADER = 3;

    private Container() {
    }

    /**
     * One message.
     *
     * @param payload to be judged for itself
     */
    public record Item(OpCode operation, Bytes payload) {
    }

    /** Whether an operation may travel in a container: not NOP, not 0x0003-0x001F, not 0xFFFF. */
    public static boolean allows(int operation) {
        return operation != 0 && (operation < 0x0003 || operation > 0x001F) && operation != 0xFFFF;
    }

    /**
     * Writes what stands before the payload of an item. The payload lies, or will lie, right behind it.
     *
     * @param operation one that {@link #allows} allows
     * @return where the payload begins, {@link #ITEM_OVERHEAD} further on
     */
    public static int writeItem(byte[] buffer, int position, int operation, int payloadLength) {
        if (!allows(operation)) {
            throw new IllegalArgumentException(new OpCode(operation) + " cannot travel in a container");
        }
        HeaderCodec.u16(buffer, position, Objects.checkIndex(ITEM_HEADER + payloadLength, 0x10000));
        buffer[position + 2] = 0;
        HeaderCodec.u16(buffer, position + 3, operation);
        return position + ITEM_OVERHEAD;
    }

    /**
     * Reads all items, or none.
     *
     * @param data the payload of a NOP, which nobody will change any more: the items are windows of it. If it is empty
     *         there are no items
     * @throws Malformed if one item breaks the rules; then nothing of the container counts
     */
    public static List<Item> read(byte[] data) throws Malformed {
        List<Item> items = new ArrayList<>();
        int position = 0;
        while (position < data.length) {
            if (items.size() == MOST_ITEMS) {
                throw new Malformed("more than %d items in a container".formatted(MOST_ITEMS));
            }
            if (data.length - position < ITEM_OVERHEAD) {
                throw new Malformed("an item needs %d bytes, got %d".formatted(ITEM_OVERHEAD, data.length - position));
            }
            int length = HeaderCodec.u16(data, position);
            if (length < ITEM_HEADER || length > data.length - position - 2) {
                throw new Malformed("item of %d bytes, %d are there".formatted(length, data.length - position - 2));
            }
            if (data[position + 2] != 0) {
                throw new Malformed("flags of an item are 0x%02X".formatted(data[position + 2]));
            }
            OpCode operation = new OpCode(HeaderCodec.u16(data, position + 3));
            if (!allows(operation.value())) {
                throw new Malformed("operation %s in a container".formatted(operation));
            }
            items.add(new Item(operation, Bytes.wrap(data, position + ITEM_OVERHEAD, length - ITEM_HEADER)));
            position += 2 + length;
        }
        return items;
    }
}
