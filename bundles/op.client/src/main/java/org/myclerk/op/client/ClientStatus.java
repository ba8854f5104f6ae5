package org.myclerk.op.client;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Range;

/**
 * How a client is.
 *
 * @param id node id, 16 bytes
 * @param connected whether a session to it is open
 * @param lastHeard when its last heartbeat came, to 30 s, in Unix seconds; 0 for never
 * @param uptime share of the last 30 days in which it was heard, in percent; a day that this node was off
 *     counts as not heard
 */
public record ClientStatus(Bytes id, String name, boolean connected, @Range long lastHeard,
        NodeClass nodeClass, double uptime) {
}
