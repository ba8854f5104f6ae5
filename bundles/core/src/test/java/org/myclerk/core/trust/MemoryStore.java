package org.myclerk.core.trust;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.store.Store;
import org.myclerk.api.store.StoreException;

/** A store in memory that can fail and can be made to wait. */
final class MemoryStore implements Store {

    private final Map<String, TreeMap<String, Bytes>> buckets = new TreeMap<>();
    volatile boolean full;
    volatile CountDownLatch gate = new CountDownLatch(0);
    volatile int writes;

    @Override
    public synchronized Optional<Bytes> get(String bucket, String key) {
        return Optional.ofNullable(bucket(bucket).get(key));
    }

    private TreeMap<String, Bytes> bucket(String name) {
        return buckets.computeIfAbsent(name, _ -> new TreeMap<>());
    }

    @Override
    public synchronized List<Entry> scan(String bucket, String prefix, String after, int limit) {
        return bucket(bucket).entrySet().stream().filter(entry -> entry.getKey().startsWith(prefix))
                .filter(entry -> entry.getKey().compareTo(after) > 0).limit(limit)
                .map(entry -> new Entry(entry.getKey(), entry.getValue())).toList();
    }

    @Override
    public void write(List<Change> changes) {
        try {
            gate.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
        if (full) {
            throw new StoreException("the disk is full", null);
        }
        synchronized (this) {
            writes++;
            for (Change change : changes) {
                switch (change) {
                    case Change.Put put -> bucket(put.bucket()).put(put.key(), put.value());
                    case Change.Remove remove -> bucket(remove.bucket()).remove(remove.key());
                }
            }
        }
    }

    @Override
    public boolean putIfAbsent(String bucket, String key, Bytes value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void backup(Path file) {
        if (full) {
            throw new StoreException("the disk is full", null);
        }
        try {
            Files.write(file, "the store".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException failed) {
            throw new StoreException(failed.getMessage(), failed);
        }
    }
}
