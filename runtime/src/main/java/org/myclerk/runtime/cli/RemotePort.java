package org.myclerk.runtime.cli;

import java.io.IOException;

import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;

/** A serial port of a peer, which may be opened again and again. */
interface RemotePort {

    /** Reaches the peer, opens the port and sets it up. */
    Opened open() throws Failure, Refused, IOException, InterruptedException;

    /** The port in use. One thread reads while another writes. */
    interface Opened {

        /** The most bytes that one write takes. */
        int largestWrite();

        /**
         * Waits for bytes from the port.
         *
         * @return {@code null} if the peer ended the reading
         */
        Bytes read() throws Refused, IOException, InterruptedException;

        /** Writes all the bytes and waits until the peer says so. */
        void write(Bytes bytes) throws Refused, IOException, InterruptedException;

        /** Gives the port back, as far as the peer can be reached. */
        void close();
    }
}
