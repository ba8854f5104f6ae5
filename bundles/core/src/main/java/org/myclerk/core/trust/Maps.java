package org.myclerk.core.trust;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.PayloadCodec;

/** Records as MessagePack maps outside of messages: signed, in files, in the store. */
final class Maps {

    private Maps() {
    }

    static <T> Bytes write(PayloadCodec<T> codec, T value) {
        return codec.encode(value).encoded();
    }

    /**
     * @param what it should be, for the message
     * @throws Malformed if it is not that record; no content is quoted but numbers out of range
     */
    static <T> T read(PayloadCodec<T> codec, Bytes encoded, String what) throws Malformed {
        try {
            return codec.read(Payload.decode(encoded));
        } catch (Malformed | Refused wrong) {
            throw new Malformed(what + ": " + wrong.getMessage());
        }
    }
}
