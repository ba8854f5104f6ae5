package org.myclerk.op.client;

import java.util.List;

import org.myclerk.api.payload.Range;

/**
 * All that is known of a client.
 *
 * @param endpoints where it was reached or says it answers, newest first
 * @param firstHeard when the first heartbeat came that is still on record, in Unix seconds; 0 for never
 * @param devices assigned to it and still shared so
 */
public record ClientInfo(ClientStatus client, List<String> roles, List<String> endpoints,
        @Range long firstHeard, List<AssignedDevice> devices) {
}
