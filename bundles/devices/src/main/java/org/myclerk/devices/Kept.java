package org.myclerk.devices;

import java.util.ArrayList;
import java.util.List;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.store.Store;
import org.myclerk.api.store.StoreException;

/** Records of one type in one bucket of the store, encoded as payloads are. */
record Kept<T>(String bucket, PayloadCodec<T> codec) {

    Kept(String bucket, Class<T> type) {
        this(bucket, PayloadCodec.of(type));
    }

    Store.Change put(String key, T value) {
        return new Store.Change.Put(bucket, key, codec.encode(value).encoded());
    }

    Store.Change remove(String key) {
        return new Store.Change.Remove(bucket, key);
    }

    /** All of them, in the order of their keys. */
    List<T> all(Store store) {
        List<T> all = new ArrayList<>();
        for (Store.Entry entry : store.all(bucket)) {
            all.add(decode(entry.value()));
        }
        return all;
    }

    /** @throws StoreException if it cannot be read: rights that are not understood are not guessed */
    T decode(Bytes value) {
        try {
            return codec.read(Payload.decode(value));
        } catch (Malformed | Refused wrong) {
            throw new StoreException("an entry of %s cannot be read (%s): restore a backup".formatted(bucket,
                    wrong.getMessage()), wrong);
        }
    }
}
