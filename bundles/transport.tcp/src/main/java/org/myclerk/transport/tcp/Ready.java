package org.myclerk.transport.tcp;

/** What is registered with a loop's selector. Called on the loop; nothing is thrown. */
interface Ready {

    /** Something it waits for has happened. */
    void ready();

    /** The transport stops. */
    void stop();
}
