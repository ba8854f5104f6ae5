package org.myclerk.op.client;

import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** A device that is asked for, and how it is to be shared; a request for mode {@code none} is none. */
public record RequestedDevice(@Size(min = 1, max = 128) @Help("the device's id") String device,
        @Help("how it is to be shared") AccessMode mode) {

    public RequestedDevice {
        if (mode == AccessMode.NONE) {
            throw new IllegalArgumentException("%s is asked for in mode none: ask for read-write or less"
                    .formatted(device));
        }
    }
}
