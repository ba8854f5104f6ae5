package org.myclerk.vendor.node;

import java.util.List;

import org.myclerk.api.node.SessionState;

/** The open sessions. */
public record Sessions(List<SessionState> sessions) {
}
