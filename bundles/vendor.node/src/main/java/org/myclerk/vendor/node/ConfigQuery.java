package org.myclerk.vendor.node;

import java.util.Optional;

import org.myclerk.api.payload.Help;

/** Asks for settings. */
public record ConfigQuery(@Help("only of this PID, such as org.myclerk.core.node") Optional<String> pid) {
}
