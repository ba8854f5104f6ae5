package org.myclerk.core.session;

import org.myclerk.api.operation.Tier;

/**
 * A message that waits to be sealed.
 *
 * @param payload encoded; nobody changes it any more
 * @param compressible whether its operation allows compression
 */
public record Outgoing(Tier tier, int operation, byte[] payload, boolean compressible) {

    public int length() {
        return payload.length;
    }
}
