package org.myclerk.core.session;

import org.myclerk.api.payload.Bytes;
import org.myclerk.core.crypto.Secret;

/**
 * What an initiator keeps to resume a session once (profile §12).
 *
 * @param sessionId of the session that it came with
 * @param ticket 64 bytes that only the responder can read
 * @param iv 12 bytes
 * @param tag 16 bytes
 * @param secret resumption secret, 32 bytes
 * @param expires Unix seconds
 * @param peer the responder, as its certificate proved it
 * @param session uid of the session that it came with, 16 bytes
 */
public record Ticket(int sessionId, Bytes ticket, Bytes iv, Bytes tag, Secret secret, long expires,
        Identity peer,
        Bytes session) {
}
