package org.myclerk.op.client;

import java.util.List;

/**
 * Requests, the oldest first. When the call is followed, each further answer has those that are new or have
 * changed, whatever their state is then.
 */
public record RequestList(List<RequestSummary> requests) {
}
