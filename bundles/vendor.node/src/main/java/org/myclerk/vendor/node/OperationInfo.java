package org.myclerk.vendor.node;

import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Shape;

/** An operation as data; {@code command} is what a person types, {@code kind} one of call, event, one-way, answer. */
public record OperationInfo(@Range(max = 0xFFFF) int code, String name, String command, String summary, String kind,
        @Range(max = 5) int floor, String access, boolean followed, boolean served, Shape request, Shape answer) {
}
