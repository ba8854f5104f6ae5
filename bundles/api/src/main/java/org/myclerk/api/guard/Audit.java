package org.myclerk.api.guard;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Size;
import org.myclerk.api.payload.WireNumber;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What happened to the devices of this node and by whom. Thread-safe. Notes are written in groups soon after;
 * the oldest go when there are too many. Changes of rights, leases, refusals and uses are noted without
 * anybody's doing.
 */
@ProviderType
public interface Audit {

    /** What an entry is about. */
    enum Kind implements WireNumber {
        /** A change of rights, persons, routes or requests. */
        RIGHTS(0),
        /** A device was taken into use, or given back. */
        LEASE(1),
        /** An administrator or a route took a device from its holder. */
        TAKEOVER(2),
        /** Calls that were refused, summed up. */
        REFUSED(3),
        /** Calls that were let through, counted. */
        USED(4),
        /** A device was set up. */
        DEVICE(5);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        @Override
        public int number() {
            return number;
        }
    }

    /**
     * One entry; also a payload.
     *
     * @param number counts up
     * @param time Unix seconds; of a summary, of its last call
     * @param who the name of the node or person
     * @param device empty if it is about none
     * @param count how many calls it sums up, otherwise 1
     */
    record Entry(long number, long time, Kind kind, @Size(max = 128) String who, Optional<String> device,
            @Size(max = 512) String text, long count) {
    }

    /** Notes what happened. */
    void note(Kind kind, String who, Optional<String> device, String text);

    /**
     * Entries, the newest first.
     *
     * @param before number of an entry, exclusive; {@link Long#MAX_VALUE} for the newest
     * @param device only those about it
     */
    List<Entry> entries(long before, int limit, Optional<String> device);
}
