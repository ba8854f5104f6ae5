package org.myclerk.device.serial;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A serial port in use. Thread-safe: one thread may read while another writes and a third closes. Every
 * method fails with an IOException that gives the kernel's reason once the port is closed or unplugged.
 */
@ConsumerType
public interface OpenSerialPort extends AutoCloseable {

    SerialSettings settings();

    /** Changes all settings; if that fails the ones before stay in force. */
    void configure(SerialSettings settings) throws IOException;

    /**
     * Whether who sends to this port is held back while nobody reads: by flow control, or because the line is
     * no wire. Otherwise what is not read in time is lost.
     */
    boolean holdsBack();

    /**
     * Waits for bytes and takes what is there. It may block its thread in the kernel, so that it is called on
     * a platform thread; {@link #close} ends it.
     *
     * @param length 1 or more
     * @return how many bytes were read, 0 after the timeout
     */
    int read(byte[] into, int offset, int length, Duration timeout) throws IOException, InterruptedException;

    /**
     * Hands all the bytes to the kernel, waiting for room. Several writers take turns. May be called on a
     * virtual thread.
     *
     * @throws InterruptedException if interrupted while waiting; part of the bytes may have been sent
     */
    void write(Bytes data) throws IOException, InterruptedException;

    /**
     * Waits until what was written has left the machine.
     *
     * @return false if the timeout came first
     */
    boolean drain(Duration timeout) throws IOException, InterruptedException;

    /**
     * Sets outgoing control lines; an empty value leaves a line as it is.
     *
     * @throws IOException also if the port has none
     */
    void setLines(Optional<Boolean> dtr, Optional<Boolean> rts) throws IOException;

    /** @throws IOException also if the port has none */
    SerialLines lines() throws IOException;

    /**
     * Holds the line in the break condition for a time.
     *
     * @throws IOException also if the port cannot
     */
    void sendBreak(Duration duration) throws IOException, InterruptedException;

    /** Ends reads and writes that wait, and gives the port back. Closing twice is harmless. */
    @Override
    void close();
}
