package org.myclerk.api.node;

import java.util.Optional;

import org.myclerk.api.operation.Audience;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.payload.Size;

/**
 * The one operation that pairing itself uses (profile §10): core calls it when joining, {@code op.client}
 * serves it.
 */
public final class Pairing {

    /**
     * What a node says when it registers; also a payload.
     *
     * @param name it wants to be called
     */
    public record Registration(@Size(max = 64) Optional<String> name) {
    }

    /** Answered with the certificate; either side then closes a joining session. */
    public static final Operation<Registration, Family.Enrolment> CLIENT_REGISTER = Operation.call(0x0250,
            "CLIENT_REGISTER", "Register client with server", Registration.class, Family.Enrolment.class)
            .audience(Audience.JOINING);

    private Pairing() {
    }
}
