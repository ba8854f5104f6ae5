package org.myclerk.op.client;

import java.util.List;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/**
 * What a client says of itself at every heartbeat.
 *
 * @param endpoints where it listens, written as {@link org.myclerk.api.transport.Endpoint} reads them; none
 *     if it cannot be reached
 */
public record Contact(@Size(max = MOST_ENDPOINTS) @Help("where it listens, such as 192.168.1.7:5657")
        List<String> endpoints) {

    /** As many as travel. */
    public static final int MOST_ENDPOINTS = 8;

    public Contact {
        endpoints = List.copyOf(endpoints);
    }
}
