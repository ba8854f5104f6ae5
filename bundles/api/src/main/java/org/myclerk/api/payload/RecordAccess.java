package org.myclerk.api.payload;

import org.myclerk.api.operation.ProtocolException.Refused;

/** Reads and writes the entries of one record type. Thread-safe. */
abstract class RecordAccess {

    /** @param entries how many follow at the reader's position */
    abstract Object read(MessagePackReader in, int entries) throws Refused;

    /**
     * How many entries {@link #write} will write.
     *
     * @throws IllegalArgumentException if a component is {@code null}
     */
    abstract int present(Object instance);

    /** The entries, without the map's header. */
    abstract void write(MessagePackWriter out, Object instance);

    /** The device that the record names, as its component has it: text, or text that may be absent. */
    abstract Object device(Object instance);
}
