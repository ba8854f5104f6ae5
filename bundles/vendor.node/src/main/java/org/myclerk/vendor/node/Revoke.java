package org.myclerk.vendor.node;

import java.util.Optional;

/** Revokes the certificates of a peer. */
public record Revoke(String peer, Optional<String> passphrase) {
}
