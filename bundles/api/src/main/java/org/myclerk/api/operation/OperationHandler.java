package org.myclerk.api.operation;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Serves one range of operations. Register it as a component marked with {@link OperationRange}; no framework
 * is needed to call it.
 */
@ConsumerType
public interface OperationHandler {

    /** The table and the methods behind it. Asked once, when the handler is taken into service. */
    Bindings bindings();
}
