package org.myclerk.api.guard;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * A right: a device is shared with somebody. There is at most one for a device and a subject; also a payload.
 *
 * @param device its id; it need not be plugged in
 * @param when the times of the week at which it is in force; empty for always
 * @param from Unix seconds at which it begins; empty for at once
 * @param until Unix seconds before which it ends; empty for until revoked
 */
public record Grant(@Size(min = 1, max = 128) @Help("the device's id") String device, Subject to,
        AccessMode mode,
        @Size(max = 16) List<Weekly> when, @Range Optional<Long> from, @Range Optional<Long> until) {

    public Grant {
        when = List.copyOf(when);
        if (from.isPresent() && until.isPresent() && until.get() <= from.get()) {
            throw new IllegalArgumentException("it would end before it begins");
        }
    }

    /** In force from now until it is revoked. */
    public Grant(String device, Subject to, AccessMode mode) {
        this(device, to, mode, List.of(), Optional.empty(), Optional.empty());
    }

    /** Whether it is limited in time. */
    public boolean timed() {
        return !when.isEmpty() || from.isPresent() || until.isPresent();
    }
}
