package org.myclerk.vendor.node;

import java.util.Optional;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** The time zone in which times of the week are meant. */
public record TimeZone(@Size(max =
        64) @Help("Europe/Berlin for instance; left out to ask") Optional<String> zone) {
}
