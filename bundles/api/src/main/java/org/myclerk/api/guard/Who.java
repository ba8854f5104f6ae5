package org.myclerk.api.guard;

import java.util.Set;

import org.myclerk.api.operation.Caller;
import org.myclerk.api.payload.Bytes;

/**
 * A node whose rights are asked for.
 *
 * @param node 16 bytes
 * @param roles as in its certificate
 */
public record Who(Bytes node, Set<String> roles) {

    public static Who of(Caller caller) {
        return new Who(caller.nodeId(), caller.roles());
    }
}
