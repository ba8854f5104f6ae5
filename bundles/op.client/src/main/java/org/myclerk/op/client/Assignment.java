package org.myclerk.op.client;

import java.util.Optional;

import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * Hands a device on to a client.
 *
 * @param client its name, its node id in hexadecimal, or the first digits of that
 * @param mode at most what the caller has itself, which it is when left out
 * @param until Unix seconds; left out for until revoked
 */
public record Assignment(@Device @Size(min = 1, max = 128) @Help("the device's id") String device,
        @Size(min = 1, max = 64) @Help("name of the client, or its node id") String client,
        @Help("how the client may use it") Optional<AccessMode> mode,
        @Range @Help("until when, Unix seconds") Optional<Long> until) {
}
