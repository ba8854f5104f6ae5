package org.myclerk.api.operation;

/** How an operation travels. */
public enum Kind {

    /** A request that is answered. */
    CALL,
    /** Sent by the side that serves, without a request id. */
    EVENT,
    /** Sent by the side that calls; nobody answers. */
    ONE_WAY,
    /** Only ever the answer to another operation. */
    ANSWER
}
