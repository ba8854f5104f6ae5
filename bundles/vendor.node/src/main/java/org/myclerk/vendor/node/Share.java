package org.myclerk.vendor.node;

import org.myclerk.api.guard.Grant;

/**
 * A grant.
 *
 * @param inForce whether it is its time now
 */
public record Share(Grant grant, boolean inForce) {
}
