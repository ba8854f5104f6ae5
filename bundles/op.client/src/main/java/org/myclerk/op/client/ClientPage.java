package org.myclerk.op.client;

import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/**
 * Which clients to list.
 *
 * @param after go on behind the client of this id; left out for the first page
 */
public record ClientPage(@Size(min = 16,
        max = 16) @Help("go on behind the client of this id") Optional<Bytes> after) {
}
