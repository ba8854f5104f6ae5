package org.myclerk.core.dispatch;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.guard.Guard;
import org.myclerk.api.guard.Step;
import org.myclerk.api.guard.Who;
import org.myclerk.api.node.Roles;
import org.myclerk.api.operation.Audience;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;

/**
 * The guard of a node that has no other: an administrator may do everything, any other node of the family and
 * one that is joining what is open to them, and nobody anything else.
 */
public class AdministratorsOnly implements Guard {

    @Override
    public void operation(Caller caller, Operation<?, ?> operation) throws Refused {
        Audience audience = operation.audience();
        if (audience == Audience.OWNERS && !caller.hasRole(Roles.OWNER)) {
            throw Refused.forbidden("only an operator of this node's own home may do this");
        }
        if (caller.hasRole(Roles.ADMIN)) {
            return;
        }
        if (caller.hasRole(Roles.JOINING)) {
            if (audience != Audience.JOINING) {
                throw Refused.forbidden("a joining node may only register");
            }
            return;
        }
        if (caller.anonymous() || audience.compareTo(Audience.FAMILY) > 0) {
            throw Refused.forbidden(
                    "needs the role admin; an administrator of this node can invite with --role admin");
        }
    }

    @Override
    public void device(Caller caller, Operation<?, ?> operation, String device) {
        // Whoever may use the operation may use every device.
    }

    @Override
    public Subscription onNarrowed(Runnable task) {
        return () -> { };
    }

    @Override
    public List<Step> explain(Who who, Operation<?, ?> operation, Optional<String> device) {
        boolean allowed = who.roles().contains(Roles.ADMIN) || operation.audience()
                .compareTo(Audience.FAMILY) <= 0;
        return List.of(new Step("role", allowed,
                "no rights are kept here: everything is for administrators"));
    }
}
