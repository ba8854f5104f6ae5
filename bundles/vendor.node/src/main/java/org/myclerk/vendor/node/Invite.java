package org.myclerk.vendor.node;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * Asks for an invitation; {@code at} are endpoints where the node is reached, none for those it listens on.
 */
public record Invite(@Help("admin, hub, member, child or guest") String role,
        @Range(min = 1, max = 15) int minutes,
        @Size(max = 8) List<String> at, Optional<String> passphrase) {
}
