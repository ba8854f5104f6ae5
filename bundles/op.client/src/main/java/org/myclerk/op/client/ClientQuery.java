package org.myclerk.op.client;

import java.util.Optional;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/**
 * Whose status is asked for.
 *
 * @param client its name, its node id in hexadecimal, or the first digits of that; left out for the caller's own
 */
public record ClientQuery(@Size(min = 1, max = 64) @Help("name of the client, or its node id; yours if left out")
        Optional<String> client) {
}
