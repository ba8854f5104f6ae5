package org.myclerk.op.client;

import java.util.Optional;

import org.myclerk.api.guard.AccessMode;

/**
 * A device that was assigned to a client.
 *
 * @param by name of the node that did
 * @param until Unix seconds; left out for until revoked
 */
public record AssignedDevice(String device, AccessMode mode, Optional<Long> until, String by) {
}
