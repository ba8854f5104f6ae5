package org.myclerk.store;

import java.nio.file.Path;
import java.util.List;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.store.Store.Change;

/**
 * Writes pairs of keys from several threads for ever; prints the key of each pair once it is acknowledged.
 */
final class AcknowledgingWriter {

    private static final int THREADS = 8;

    private AcknowledgingWriter() {
    }

    public static void main(String[] args) {
        SqliteStore store = new SqliteStore(Path.of(args[0]));
        long first = Long.parseLong(args[1]);
        for (int i = 0; i < THREADS; i++) {
            long start = first + i;
            Thread.ofPlatform().start(() -> {
                for (long n = start; ; n += THREADS) {
                    Bytes value = Bytes.wrap(Long.toString(n).getBytes());
                    store.write(List.of(new Change.Put("left", key(n), value),
                            new Change.Put("right", key(n), value)));
                    synchronized (System.out) {
                        System.out.println(key(n));
                    }
                }
            });
        }
    }

    static String key(long number) {
        return "%010d".formatted(number);
    }
}
