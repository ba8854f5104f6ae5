package org.myclerk.core.node;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.store.Store;
import org.myclerk.api.store.StoreException;

/** What a client forgets when it ends, while the node of its home runs and keeps the state. Thread-safe. */
final class MemoryStore implements Store {

    private final Map<String, TreeMap<String, Bytes>> buckets = new HashMap<>();

    private TreeMap<String, Bytes> bucket(String name) {
        return buckets.computeIfAbsent(name, _ -> new TreeMap<>());
    }

    @Override
    public synchronized Optional<Bytes> get(String bucket, String key) {
        return Optional.ofNullable(bucket(bucket).get(key));
    }

    @Override
    public synchronized List<Entry> scan(String bucket, String prefix, String after, int limit) {
        return bucket(bucket).tailMap(after, after.isEmpty()).entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix)).limit(limit)
                .map(entry -> new Entry(entry.getKey(), entry.getValue())).toList();
    }

    @Override
    public synchronized void write(List<Change> changes) {
        for (Change change : changes) {
            switch (change) {
                case Change.Put put -> bucket(put.bucket()).put(put.key(), put.value());
                case Change.Remove remove -> bucket(remove.bucket()).remove(remove.key());
            }
        }
    }

    @Override
    public synchronized boolean putIfAbsent(String bucket, String key, Bytes value) {
        return bucket(bucket).putIfAbsent(key, value) == null;
    }

    @Override
    public void backup(Path file) {
        throw new StoreException("the running node keeps the state; ask it for a backup", null);
    }
}
