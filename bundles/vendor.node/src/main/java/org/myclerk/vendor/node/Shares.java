package org.myclerk.vendor.node;

import java.util.List;
import java.util.Optional;

/**
 * Grants, by device and in the order in which they are considered.
 *
 * @param zone in which times of the week are meant, as in the time zone database
 * @param next {@code after} of the next page; empty on the last
 */
public record Shares(List<Share> shares, String zone, Optional<String> next) {
}
