package org.myclerk.op.client;

import java.util.Optional;

import org.myclerk.api.payload.Help;

/**
 * Which requests to list.
 *
 * @param all also those that are decided, expired or cancelled; pending ones only if left out
 */
public record RequestQuery(@Help("also those that are no longer pending") Optional<Boolean> all) {
}
