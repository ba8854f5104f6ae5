package org.myclerk.op.routing;

import org.myclerk.api.guard.Subject;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/**
 * To whom a right is given.
 *
 * @param name of a person, of a role, or of a node; a node's id in hexadecimal or the first digits of it as
 *     well
 */
public record AclSubject(@Help("node, person or role") Subject.Kind kind,
        @Size(min = 1, max = 64) @Help("name of the node, the person or the role") String name) {
}
