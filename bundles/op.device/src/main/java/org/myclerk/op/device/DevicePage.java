package org.myclerk.op.device;

import java.util.Optional;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/** Which part of a list is wanted. */
public record DevicePage(@Size(max = 128) @Help("begin after this id") Optional<String> after,
        @Range(min = 1, max = 256) @Help("at most so many, 100 if not given") Optional<Integer> limit,
        @Help("those that are known and not plugged in, in place of those that are") Optional<Boolean> away) {

    /** The first hundred. */
    public static final DevicePage FIRST = new DevicePage(Optional.empty(), Optional.empty(),
            Optional.empty());
}
