package org.myclerk.core.dispatch;

import org.myclerk.api.guard.Guard;
import org.myclerk.api.node.Pairing;
import org.myclerk.api.node.Roles;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;

/**
 * The guard of a node that has no other: an administrator may do everything, a joining node register, an enrolled one
 * renew its certificate and send its heartbeat, and nobody anything else.
 */
public final class AdministratorsOnly implements Guard {

    private static final OpCode HEARTBEAT = new OpCode(0x0251);

    @Override
    public void operation(Caller caller, OpCode code) throws Refused {
        if (caller.hasRole(Roles.ADMIN)) {
            return;
        }
        boolean registering = code.equals(Pairing.CLIENT_REGISTER.code());
        if (caller.hasRole(Roles.JOINING)) {
            if (!registering) {
                throw Refused.forbidden("a joining node may only register");
            }
            return;
        }
        if (caller.anonymous() || !registering && !code.equals(HEARTBEAT)) {
            throw Refused.forbidden("needs the role admin; an administrator of this node can invite with --role admin");
        }
    }

    @Override
    public void device(Caller caller, Operation<?, ?> operation, String device) {
        // Whoever may use the operation may use every device.
    }
}
