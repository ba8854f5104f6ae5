package org.myclerk.op.device;

import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/** Locks a device, or renews the lock. */
public record DeviceLock(@Device @Size(min = 1, max = 128) @Help("its id") String device,
        @Range(min = 1, max = 604_800) @Help("how long, 300 s if not given") Optional<Integer> seconds,
        @Help("end what others hold; for administrators") Optional<Boolean> takeOver) {
}
