package org.myclerk.store;

import java.nio.file.Path;

import org.myclerk.api.store.Store;

/**
 * Opens stores for programs without a framework; see {@link Store.Provider}. The stores are
 * {@link AutoCloseable}.
 */
public final class SqliteStoreProvider implements Store.Provider {

    @Override
    public Store open(Path file) {
        return new SqliteStore(file);
    }
}
