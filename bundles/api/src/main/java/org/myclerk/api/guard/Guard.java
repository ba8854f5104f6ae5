package org.myclerk.api.guard;

import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Decides on rights. Dispatch asks before every handler; a handler contains no rights code. Fast and thread-safe; it
 * never blocks.
 */
@ConsumerType
public interface Guard {

    /**
     * Whether the caller may use the operation at all. Asked before it is known whether anything serves it.
     *
     * @throws Refused FORBIDDEN, saying which rule and what would help
     */
    void operation(Caller caller, OpCode code) throws Refused;

    /**
     * Whether the caller may do this to the device it names. Asked after the payload was read.
     *
     * @throws Refused FORBIDDEN, or NOT_FOUND for a device the caller may not even see
     */
    void device(Caller caller, Operation<?, ?> operation, String device) throws Refused;
}
