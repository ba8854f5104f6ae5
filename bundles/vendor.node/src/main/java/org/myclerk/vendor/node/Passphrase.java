package org.myclerk.vendor.node;

import java.util.Optional;

/** Sets, changes or (without {@code next}) removes the passphrase of the root key. */
public record Passphrase(Optional<String> current, Optional<String> next) {
}
