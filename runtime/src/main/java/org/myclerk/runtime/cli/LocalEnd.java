package org.myclerk.runtime.cli;

import java.io.IOException;

/**
 * Where the bytes of a remote serial port come from and go to here. One thread reads while another writes.
 */
interface LocalEnd extends AutoCloseable {

    /**
     * Waits for bytes.
     *
     * @return how many, at least 1; -1 if no more come
     */
    int read(byte[] into) throws IOException;

    /**
     * Hands bytes on, waiting as long as nobody takes them.
     *
     * @return false if nobody will
     */
    boolean write(byte[] bytes) throws IOException;

    @Override
    void close() throws IOException;
}
