package org.myclerk.op.client;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/**
 * What an administrator decides.
 *
 * @param approved ids of devices of the request; none rejects it
 */
public record RequestDecision(@Size(min = 16, max = 16) @Help("the request's token") Bytes token,
        @Size(max = NewRequest.MOST_DEVICES) @Help("the devices that are approved; none rejects the request")
        List<String> approved, @Size(max = 256) @Help("why, for the hub") Optional<String> reason) {

    public RequestDecision {
        approved = List.copyOf(approved);
    }
}
