package org.myclerk.core.session;

import java.util.Optional;

/**
 * SESSION_CLOSE and SESSION_REVOKE (profile §14).
 *
 * @param reason words for people
 */
public record SessionClose(Optional<String> reason) {
}
