package org.myclerk.op.client;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * What a hub asks for.
 *
 * @param token 16 random bytes that the hub draws; they name the request from then on and work once
 * @param expires Unix seconds at which the request ends undecided, at most 90 days from now
 * @param purpose for the person who decides
 */
public record NewRequest(@Size(min = 16, max = 16) @Help("16 random bytes that name the request") Bytes token,
        @Size(min = 1, max = MOST_DEVICES) List<RequestedDevice> devices,
        @Range @Help("until when it can be decided, Unix seconds") long expires,
        @Size(max = 256) @Help("what for, for the person who decides") Optional<String> purpose) {

    /** As many as one request can name. */
    public static final int MOST_DEVICES = 64;

    public NewRequest {
        devices = List.copyOf(devices);
        if (devices.stream().map(RequestedDevice::device).distinct().count() != devices.size()) {
            throw new IllegalArgumentException("a device is named twice");
        }
    }
}
