package org.myclerk.api.guard;

import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.store.Store;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The rights on this node's devices, and the persons they are given to (§6.2.4). Thread-safe. Questions are
 * answered from memory; a change is durable, audited and in force on running sessions before {@link #change}
 * returns.
 *
 * <p>Which grant counts: one to the caller's node before one to its person before those to its roles; a grant
 * outside its time counts as if it were not there. A node that belongs to a person has, in place of the role
 * {@code member}, {@code child} or {@code guest} of its certificate, that of the {@link Person.Kind}. An
 * administrator may do everything.
 */
@ProviderType
public interface Rights {

    /** A change of one thing. */
    sealed interface Change {

        /** Shares a device, replacing what the subject had on it before. */
        record Give(Grant grant) implements Change {
        }

        /** Takes a right back; one that is not there is no error. */
        record Take(String device, Subject from) implements Change {
        }

        /** Adds a person or replaces the one of that name. */
        record Put(Person person) implements Change {
        }

        /** Removes a person, and the rights given to it; one that is not there is no error. */
        record Remove(String person) implements Change {
        }

        /** Sets the time zone in which weekly times are meant. */
        record Zone(ZoneId zone) implements Change {
        }
    }

    /**
     * Makes all the changes or none, in one step for everybody who asks.
     *
     * @param by who changes it, for the audit
     * @throws Refused BAD_REQUEST for an end in the past, a person that is not known, a role that is none, a
     *     node that belongs to another person: nothing was changed
     */
    default void change(String by, List<Change> changes) throws Refused {
        change(by, changes, List.of());
    }

    /** @param together written to the store in the same atomic batch */
    void change(String by, List<Change> changes, List<Store.Change> together) throws Refused;

    /** All grants on a device, in the order in which they are considered. */
    List<Grant> of(String device);

    /** All grants, by device. */
    List<Grant> all();

    /** Whether it is the time of a grant now. */
    boolean inForce(Grant grant);

    /** All persons, by name. */
    List<Person> persons();

    /** The person to whom a node belongs. */
    Optional<Person> personOf(Bytes node);

    /** The time zone in which weekly times are meant. */
    ZoneId zone();

    /**
     * How a device is shared with a node now, {@link AccessMode#NONE} if it is not. Asks for no lease and no
     * lock. {@link AccessMode#READ_WRITE} for an administrator.
     */
    AccessMode mode(Who who, String device);

    /** Whether a node may know of a device now: lists leave out what it may not. */
    default boolean sees(Who who, String device) {
        return mode(who, device) != AccessMode.NONE;
    }

    /**
     * Runs a task whenever rights have changed, be it by {@link #change} or by time, as
     * {@link Guard#onNarrowed} says.
     */
    Subscription onNarrowed(Runnable task);
}
