package org.myclerk.op.routing;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Weekly;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * A right on a device.
 *
 * @param when the times of the week at which it is in force, in the time zone of this node; empty for always
 * @param from Unix seconds at which it begins; left out for at once
 * @param until Unix seconds before which it ends; left out for until revoked
 */
public record AclEntry(AclSubject to, AccessMode mode, @Size(max = 16) List<Weekly> when,
        @Range @Help("when it begins, Unix seconds") Optional<Long> from,
        @Range @Help("when it ends, Unix seconds") Optional<Long> until) {

    public AclEntry {
        when = List.copyOf(when);
    }
}
