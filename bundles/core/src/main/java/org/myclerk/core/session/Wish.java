package org.myclerk.core.session;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.session.Trust.PreSharedKey;

/**
 * What an initiator wants of a session.
 *
 * @param wanted tier 3-5
 * @param least tier 3-5; below this the initiator stops
 * @param expectedNode 16 bytes of the node meant to be reached; any trusted one if empty
 * @param preSharedKey offered to the responder
 * @param keyRequired whether a responder without that key is refused; always so for an invitation
 * @param ticket to resume with; a full handshake if empty or no longer good
 */
public record Wish(Tier wanted, Tier least, Optional<Bytes> expectedNode, Optional<PreSharedKey> preSharedKey,
        boolean keyRequired, Optional<Ticket> ticket, List<Long> capabilities) {

    /** @throws IllegalArgumentException if the tiers are no session's */
    public Wish {
        if (wanted.below(least) || least.below(Tier.T3)) {
            throw new IllegalArgumentException("a session needs tier 3 or more, and at most the one wanted");
        }
        keyRequired |= preSharedKey.isPresent() && preSharedKey.get().invitation();
    }

    /** Tier 5 if possible, 3 if not, with any trusted node. */
    public static Wish any(Settings settings) {
        return new Wish(settings.maximum(), settings.minimum(), Optional.empty(), Optional.empty(), false,
                Optional.empty(), settings.capabilities());
    }

    public Wish tiers(Tier most, Tier atLeast) {
        return new Wish(most, atLeast, expectedNode, preSharedKey, keyRequired, ticket, capabilities);
    }

    public Wish node(Bytes node) {
        return new Wish(wanted, least, Optional.of(node), preSharedKey, keyRequired, ticket, capabilities);
    }

    public Wish key(PreSharedKey key, boolean required) {
        return new Wish(wanted, least, expectedNode, Optional.of(key), required, ticket, capabilities);
    }

    public Wish resuming(Ticket good) {
        return new Wish(wanted, least, expectedNode, preSharedKey, keyRequired, Optional.of(good),
                capabilities);
    }
}
