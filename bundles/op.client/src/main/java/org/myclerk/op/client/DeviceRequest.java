package org.myclerk.op.client;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * A request for devices, all that is known of it.
 *
 * @param hub node id of the hub, 16 bytes
 * @param hubName name of the hub when it asked
 * @param created Unix seconds
 * @param expires Unix seconds
 * @param approved ids of the devices that were approved
 * @param decidedBy name of the administrator who approved or rejected
 * @param decided Unix seconds of the change into a final state
 */
public record DeviceRequest(@Size(min = 16, max = 16) Bytes token, RequestState state,
        @Size(min = 16, max = 16) Bytes hub, String hubName,
        List<RequestedDevice> devices, Optional<String> purpose,
        @Range long created, @Range long expires, List<String> approved, Optional<String> decidedBy,
        Optional<String> reason, Optional<Long> decided) {

    public DeviceRequest {
        devices = List.copyOf(devices);
        approved = List.copyOf(approved);
    }
}
