package org.myclerk.api.node;

import java.util.List;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Size;

/**
 * A node that this one knows; also a payload.
 *
 * @param id 16 bytes
 * @param roles as in the certificate seen last
 * @param endpoints where it was reached or heard of, newest first
 * @param connected whether a session is open
 * @param lastSeen Unix seconds, 0 if never
 * @param revoked whether its certificate was revoked
 */
public record PeerState(@Size(min = 16, max = 16) Bytes id, String name,
        List<String> roles, List<String> endpoints, boolean connected, long lastSeen, boolean revoked) {
}
