package org.myclerk.api.guard;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Decides on rights. Dispatch asks before every handler; a handler contains no rights code. Fast and
 * thread-safe; it never blocks.
 */
@ConsumerType
public interface Guard {

    /**
     * Whether the caller may use the operation at all, which depends on its {@link Operation#audience()}.
     * Asked before it is known whether anything serves it, then with {@link Operation#unknown}.
     *
     * @throws Refused FORBIDDEN, saying which rule and what would help
     */
    void operation(Caller caller, Operation<?, ?> operation) throws Refused;

    /**
     * Whether the caller may do this to the device it names. Asked after the payload was read.
     *
     * @throws Refused FORBIDDEN, or NOT_FOUND for a device the caller may not even see
     */
    void device(Caller caller, Operation<?, ?> operation, String device) throws Refused;

    /**
     * Runs a task whenever a right may have ended: it was taken back, its time is over, a device went to
     * another holder. Who rests on rights asks again then; dispatch does so for the followed calls under way.
     * The task runs on the thread that changed the right, before that change is acknowledged, and must not
     * block.
     */
    Subscription onNarrowed(Runnable task);

    /**
     * Explains, rule by rule, whether a node may do that to a device now; the rule that refuses is the last.
     */
    List<Step> explain(Who who, Operation<?, ?> operation, Optional<String> device);
}
