package org.myclerk.op.client;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/**
 * Names a client.
 *
 * @param client its name, its node id in hexadecimal, or the first digits of that, 4 or more
 */
public record ClientRef(@Size(min = 1, max = 64) @Help("name of the client, or its node id") String client) {
}
