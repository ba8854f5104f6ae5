package org.myclerk.api.device;

import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

import org.myclerk.api.payload.Bytes;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Holding a device. A lease outlives its session by a grace time and returns to the same node when that
 * resumes its session, or uses the device again. Thread-safe.
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

    /**
     * Runs once when the lease ends, at once if it has: the device is put into its safe state here. A handler
     * that is replaced by its next version leaves its tasks behind; what is to outlive it is an {@link #use}.
     */
    void onEnd(Consumer<End> task);

    /**
     * Keeps what the holder has open with the lease, unless something is kept already. It ends when the lease
     * does, also if that has ended. A lease that keeps nothing only ends it.
     *
     * @return what is kept, that is, {@code fresh} or what was there before
     */
    default <U extends Use> U use(U fresh) {
        onEnd(fresh::end);
        return fresh;
    }

    /** What is kept with the lease, if it is of that type. */
    default <U extends Use> Optional<U> use(Class<U> type) {
        return Optional.empty();
    }

    /** What {@link Use#state} said, if the object could not be kept and is not made anew yet; else empty. */
    default Map<String, Object> useBefore() {
        return Map.of();
    }

    /**
     * What a holder has open, a port for instance. It lives as long as its lease, over the replacing of the
     * handler that opened it, so its class must be one that all versions share: from {@code device.api} or
     * {@code api} (decision 57). Thread-safe.
     */
    @ConsumerType
    interface Use {

        /**
         * The driver is not there and comes soon: finishes what was acknowledged and lets go of it. Blocks 3
         * s at most.
         */
        void suspend();

        /**
         * The device is back, with another driver object. May block.
         *
         * @return false if that is no driver for this object, because the types between them were replaced as
         *     well: it is dropped, and made anew from {@link #state}
         */
        boolean resume(Device device);

        /** The lease has ended: puts the device into its safe state. */
        void end(End why);

        /**
         * How to open it again after its own class was replaced, in types of the JDK; empty if that makes no
         * sense: then its lease ends.
         */
        default Map<String, Object> state() {
            return Map.of();
        }
    }
}
