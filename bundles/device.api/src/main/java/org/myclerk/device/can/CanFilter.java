package org.myclerk.device.can;

import java.util.List;

/**
 * Lets frames through whose identifier agrees with this one in the bits of the mask (linux/can.h, struct
 * can_filter).
 *
 * @param id 0..0x1FFFFFFF
 * @param mask 0..0x1FFFFFFF
 * @param format which identifiers are meant
 * @param remote which frames are meant
 * @param inverted whether it lets through what does not match
 */
public record CanFilter(int id, int mask, Which format, Which remote, boolean inverted) {

    /** A choice of two, or no choice: {@code YES} are the extended, or the remote, frames. */
    public enum Which { YES, NO, EITHER }

    public CanFilter {
        if (id < 0 || id > CanFrame.LARGEST_EXTENDED_ID || mask < 0 || mask > CanFrame.LARGEST_EXTENDED_ID) {
            throw new IllegalArgumentException("a filter's id and mask have 29 bits");
        }
    }

    /** Whether the frame passes. */
    public boolean passes(CanFrame frame) {
        boolean matches = (frame.id() & mask) == (id & mask)
                && agrees(format, frame.extended()) && agrees(remote, frame.kind() == CanFrame.Kind.REMOTE);
        return matches != inverted;
    }

    /**
     * Whether the frame passes these filters: an error frame in any case, and any frame if there are none.
     *
     * @param all whether it has to pass all of them, instead of one
     */
    public static boolean pass(List<CanFilter> filters, boolean all, CanFrame frame) {
        if (filters.isEmpty() || frame.kind() == CanFrame.Kind.ERROR) {
            return true;
        }
        return all ? filters.stream().allMatch(filter -> filter.passes(frame))
                : filters.stream().anyMatch(filter -> filter.passes(frame));
    }

    /** The same in types of the JDK. */
    List<Object> toList() {
        return List.of(id, mask, format.name(), remote.name(), inverted);
    }

    /** What {@link #toList} gave; throws whatever if it is something else. */
    static CanFilter of(List<?> list) {
        return new CanFilter((Integer) list.get(0), (Integer) list.get(1),
                Which.valueOf((String) list.get(2)),
                Which.valueOf((String) list.get(3)), (Boolean) list.get(4));
    }

    private static boolean agrees(Which wanted, boolean is) {
        return wanted == Which.EITHER || (wanted == Which.YES) == is;
    }
}
