package org.myclerk.core.session;

import java.util.Arrays;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.frame.Frame;
import org.myclerk.core.frame.Layout;
import org.myclerk.core.frame.PlainFrames;

/** The binder of SESSION_RESUME (profile §12): an HMAC over everything before it, so it must be last. */
final class Binder {

    static final int LENGTH = 32;
    private static final int TAG_AT = 48;

    private Binder() {
    }

    /** Puts the binder into a frame that has 32 bytes of room for it at the end of its body. */
    static byte[] bind(byte[] unbound, Secret resumptionSecret) {
        try {
            Frame frame = Frame.parse(unbound, 0, unbound.length);
            byte[] body = Arrays.copyOfRange(unbound, frame.bodyOffset(), frame.bodyOffset()
                    + frame.bodyLength());
            byte[] binder = of(frame, resumptionSecret);
            System.arraycopy(binder, 0, body, body.length - LENGTH, LENGTH);
            return PlainFrames.write(frame.tier(), frame.operation(), frame.sequence(), frame.sessionId(),
                    frame.timestamp(), frame.nonce(), frame.key(), body);
        } catch (Malformed impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static byte[] of(Frame frame, Secret resumptionSecret) {
        int header = Math.min(Layout.header(frame.tier()), TAG_AT);
        return KeySchedule.binder(resumptionSecret,
                Arrays.copyOfRange(frame.array(), frame.offset(), frame.offset() + header),
                Arrays.copyOfRange(frame.array(), frame.bodyOffset(),
                        frame.bodyOffset() + frame.bodyLength() - LENGTH));
    }

    static boolean isLast(Bytes payload) {
        String last = null;
        for (String key : new Fields(payload).toMap().keySet()) {
            last = key;
        }
        return "binder".equals(last);
    }

    static boolean fits(Frame frame, Secret resumptionSecret, Bytes binder) {
        return Crypto.equal(of(frame, resumptionSecret), binder.toArray());
    }
}
