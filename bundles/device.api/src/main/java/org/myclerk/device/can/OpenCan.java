package org.myclerk.device.can;

import java.time.Duration;
import java.util.List;

import org.myclerk.device.DeviceException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A part in the traffic of a CAN interface. Thread-safe: one thread may receive while another sends and a
 * third closes. Every method fails with a DeviceException that gives the kernel's reason once it is closed or
 * the interface is gone.
 */
@ConsumerType
public interface OpenCan extends AutoCloseable {

    /**
     * Frames that came, in order.
     *
     * @param frames none after the timeout
     * @param lost how many were dropped before these because nobody received in time
     */
    record Received(List<CanFrame> frames, long lost) {
    }

    /**
     * Waits for frames and takes what is there. It may block its thread in the kernel, so that it is called
     * on a platform thread; {@link #close} ends it. What is not received in time is lost, the newest first,
     * and counted.
     *
     * @param max 1 or more
     */
    Received receive(int max, Duration timeout) throws DeviceException, InterruptedException;

    /**
     * Hands all frames to the interface in order, waiting while the bus is slower. Several senders take
     * turns.
     *
     * @throws DeviceException with how many were handed over; also if the bus takes none for two seconds,
     *     because nobody acknowledges or the interface is bus-off
     * @throws InterruptedException if interrupted while waiting; part of the frames may have been sent
     */
    void send(List<CanFrame> frames) throws DeviceException, InterruptedException;

    /**
     * Chooses what is received from now on; error frames come in any case.
     *
     * @param filters everything comes if there are none
     * @param all whether a frame has to match all of them, instead of one
     */
    void filter(List<CanFilter> filters, boolean all) throws DeviceException;

    /** Ends whoever waits. Closing twice is harmless. */
    @Override
    void close();
}
