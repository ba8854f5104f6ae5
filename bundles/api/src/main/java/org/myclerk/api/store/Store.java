package org.myclerk.api.store;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Durable state: values under keys, in buckets. What {@link #write} has returned from survives a crash of the
 * process and of the machine.
 *
 * <p>Thread-safe. A bucket belongs to the bundle whose name it begins with, such as {@code core.peers}; it
 * exists as soon as something is written to it.
 */
@ProviderType
public interface Store {

    Optional<Bytes> get(String bucket, String key);

    /**
     * Entries whose keys begin with the prefix and sort after {@code after} (exclusive; "" for the start), in
     * order.
     */
    List<Entry> scan(String bucket, String prefix, String after, int limit);

    /** All entries of a bucket, in the order of their keys. */
    default List<Entry> all(String bucket) {
        return scan(bucket, "", "", Integer.MAX_VALUE);
    }

    /**
     * Makes all the changes or none, durably. Writers that come together share one commit.
     *
     * @throws StoreException if nothing was written, with a sentence for people
     */
    void write(List<Change> changes);

    default void put(String bucket, String key, Bytes value) {
        write(List.of(new Change.Put(bucket, key, value)));
    }

    default void remove(String bucket, String key) {
        write(List.of(new Change.Remove(bucket, key)));
    }

    /**
     * Puts a value only if the key is free, durably; of several callers exactly one succeeds.
     *
     * @return whether it was put
     */
    boolean putIfAbsent(String bucket, String key, Bytes value);

    /** Writes a consistent copy while the node runs. */
    void backup(Path file);

    /**
     * Opens stores for programs that run without a framework; found through {@link java.util.ServiceLoader}.
     */
    interface Provider {

        /** @param file made if there is none */
        Store open(Path file);
    }

    /** One value under its key. */
    record Entry(String key, Bytes value) {
    }

    /** A change of one key. */
    sealed interface Change {

        /** Replaces the value if there is one. */
        record Put(String bucket, String key, Bytes value) implements Change {
        }

        /** Removing what is not there is no error. */
        record Remove(String bucket, String key) implements Change {
        }
    }
}
