package org.myclerk.core.session;

import java.util.Optional;

/**
 * SESSION_CLOSE and SESSION_REVOKE (profile §14).
 *
 * @param reason words for people; one of them, {@link #UPGRADE}, has a meaning
 */
public record SessionClose(Optional<String> reason) {

    /**
     * Who closes comes back within seconds, and all it had begun is answered: a request without an answer was
     * not executed (decision 56).
     */
    public static final String UPGRADE = "upgrade";
}
