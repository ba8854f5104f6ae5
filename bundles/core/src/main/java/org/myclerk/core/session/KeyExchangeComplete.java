package org.myclerk.core.session;

import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * KEY_EXCHANGE_COMPLETE of either side (profile §11). The initiator sends {@code cert}, or {@code key} in
 * pairing, with {@code sig} and perhaps {@code crl}; the responder a status, and the four parts of a ticket
 * or none of them.
 *
 * @param ticketLifetime seconds from now
 */
public record KeyExchangeComplete(Optional<Bytes> cert, @Size(min = 32, max = 32) Optional<Bytes> key,
        @Size(min = 64, max = 64) Optional<Bytes> sig, Optional<Bytes> crl,
        @Size(min = 64, max = 64) Optional<Bytes> ticket, @Size(min = 12, max = 12) Optional<Bytes> ticketIv,
        @Size(min = 16, max = 16) Optional<Bytes> ticketTag, @Range Optional<Long> ticketLifetime) {

    static KeyExchangeComplete proof(Optional<Bytes> cert, Optional<Bytes> key, Bytes sig,
            Optional<Bytes> crl) {
        return new KeyExchangeComplete(cert, key, Optional.of(sig), crl, Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty());
    }

    static KeyExchangeComplete withoutTicket() {
        return new KeyExchangeComplete(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    static KeyExchangeComplete with(TicketKeys.Issued issued) {
        return new KeyExchangeComplete(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.of(issued.ticket()), Optional.of(issued.iv()), Optional.of(issued.tag()),
                Optional.of(issued.lifetimeSeconds()));
    }

    boolean hasTicket() {
        return ticket.isPresent() && ticketIv.isPresent() && ticketTag.isPresent()
                && ticketLifetime.isPresent();
    }
}
