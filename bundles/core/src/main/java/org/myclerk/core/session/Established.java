package org.myclerk.core.session;

import java.util.List;

import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;

/**
 * A session that has just opened.
 *
 * @param uid 16 bytes, unique, no secret (logs, channel binding)
 * @param peer proven by its certificate; at a responder in pairing the bare key with the role {@code joining}
 * @param tier the highest a message may have
 * @param capabilities selected, ascending
 * @param sessionId 1..65535, on the wire
 * @param initiator whether this side started it
 * @param resumed whether it began with a ticket
 * @param resumedFrom uid of the session that the ticket came with, 16 bytes; empty if there is none, or the
 *     responder has issued so many tickets since that it no longer knows
 * @param pairing whether it began with an invitation: the initiator has no certificate yet
 */
public record Established(Bytes uid, Identity peer, Tier tier, List<Long> capabilities, int sessionId,
        boolean initiator, boolean resumed, Bytes resumedFrom, boolean pairing) {

    public boolean selected(long capability) {
        return capabilities.contains(capability);
    }
}
