package org.myclerk.vendor.node;

import java.util.Optional;

/** The passphrase of the root key, if it has one. */
public record RootAccess(Optional<String> passphrase) {
}
