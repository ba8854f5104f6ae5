package org.myclerk.op.client;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Size;

/**
 * Clients in the order of their ids.
 *
 * @param next what to ask for to get those that follow; left out if none do
 */
public record ClientList(@Size(max = MOST) List<ClientStatus> clients,
        @Size(min = 16, max = 16) Optional<Bytes> next) {

    /** As many as come in one answer. */
    public static final int MOST = 500;
}
