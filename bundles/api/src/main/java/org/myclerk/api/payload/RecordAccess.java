package org.myclerk.api.payload;

import org.myclerk.api.operation.ProtocolException.Refused;

/** Reads and writes the entries of one record type. Thread-safe. */
abstract class RecordAccess {

    /** @param entries how many follow at the reader's position */
    abstract Object read(MessagePackReader in, int entries) throws Refused;

    /** The whole map: the envelope's keys, then the record's. */
    abstract void write(MessagePackWriter out, Envelope envelope, Object instance);

    /** The device that the record names, as its component has it: text, or text that may be absent. */
    abstract Object device(Object instance);
}
