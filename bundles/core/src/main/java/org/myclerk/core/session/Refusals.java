package org.myclerk.core.session;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.MessagePackWriter;
import org.myclerk.api.payload.None;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.PayloadCodec;

/** The payload of a refusing SESSION_ACK or SESSION_RESUMED: {@code echo} comes first in it (profile §11). */
final class Refusals {

    static final PayloadCodec<Refusal> CODEC = PayloadCodec.of(Refusal.class);

    static final PayloadCodec<None> NOTHING = PayloadCodec.of(None.class);

    private Refusals() {
    }

    /** What a refusal of a first message echoes: its nonce, {@code null} if that is none. */
    static Bytes echo(Payload first) {
        return new Fields(first.bytes()).toMap().get("nonce") instanceof Bytes bytes && bytes.length() == 8
                ? bytes : null;
    }

    /**
     * @param echo {@code null} if it could not be read
     * @param requiredTier {@code null} if the tier was not the reason
     */
    static byte[] write(Bytes echo, ErrorCode status, Tier requiredTier) {
        MessagePackWriter out = new MessagePackWriter();
        out.mapHeader(1 + (echo == null ? 0 : 1) + (requiredTier == null ? 0 : 1));
        if (echo != null) {
            out.text("echo");
            out.binary(echo);
        }
        out.text("status");
        out.integer(status.value());
        if (requiredTier != null) {
            out.text("required-tier");
            out.integer(requiredTier.number());
        }
        return out.toBytes().toArray();
    }
}
