package org.myclerk.api.device;

import java.util.function.Consumer;

import org.myclerk.api.payload.Bytes;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Holding a device. A lease outlives its session by a grace time and returns to the same node when that resumes its
 * session, or uses the device again. Thread-safe.
 */
@ProviderType
public interface Lease {

    /** How a device is held. */
    enum Mode {
        /** Beside other shared leases. */
        SHARED,
        /** Alone. */
        EXCLUSIVE
    }

    /** Why a lease ended. */
    enum End {
        /** Its holder gave it back. */
        RELEASED,
        /** Its session ended and the grace time passed. */
        EXPIRED,
        /** An administrator took it, or the right it rests on was taken back. */
        REVOKED,
        /** The device was unplugged. */
        VANISHED,
        /** The bundle that granted it stops. */
        STOPPED
    }

    DeviceInfo device();

    Mode mode();

    /** Name of the node that holds it. */
    String holder();

    /** Id of the node that holds it, 16 bytes; another one after {@link Devices#hand}. */
    Bytes node();

    boolean active();

    /** Ends it; ending twice is harmless. */
    void release();

    /** Runs once when the lease ends, at once if it has: the device is put into its safe state here. */
    void onEnd(Consumer<End> task);
}
