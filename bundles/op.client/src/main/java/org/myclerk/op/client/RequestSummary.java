package org.myclerk.op.client;

import org.myclerk.api.payload.Bytes;

/**
 * A line of a list of requests.
 *
 * @param token 16 bytes
 * @param hub the hub's name
 * @param devices how many are asked for
 * @param created Unix seconds
 * @param expires Unix seconds
 */
public record RequestSummary(Bytes token, RequestState state, String hub, int devices, long created,
        long expires) {

    /** What the list says of a request. */
    public static RequestSummary of(DeviceRequest request) {
        return new RequestSummary(request.token(), request.state(), request.hubName(),
                request.devices().size(),
                request.created(), request.expires());
    }
}
