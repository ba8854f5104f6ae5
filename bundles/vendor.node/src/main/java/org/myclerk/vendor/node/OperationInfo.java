package org.myclerk.vendor.node;

import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Shape;

/**
 * An operation as data; {@code command} is what a person types, {@code kind} one of call, event, one-way,
 * answer; {@code served} is false if nothing answers it, which cannot be said of an event or an answer. What
 * lies so deep in a shape that it would not fit into a {@link Catalogue} is described as free.
 */
public record OperationInfo(@Range(max = 0xFFFF) int code, String name, String command, String summary,
        String kind,
        @Range(max = 5) int floor, String access, boolean followed, boolean served, Shape request,
        Shape answer) {

    /** Of the 16 levels of a payload (profile §6), those below the type of a field in a {@link Catalogue}. */
    private static final int LEVELS = 9;

    public OperationInfo {
        request = request.within(LEVELS);
        answer = answer.within(LEVELS);
    }
}
