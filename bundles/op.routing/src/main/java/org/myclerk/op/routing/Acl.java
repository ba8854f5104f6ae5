package org.myclerk.op.routing;

import java.util.List;

import org.myclerk.api.guard.Grant;

/** With whom a device is shared, in the order in which it is considered. */
public record Acl(List<Grant> grants) {
}
