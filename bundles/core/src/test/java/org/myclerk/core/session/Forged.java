package org.myclerk.core.session;

import java.util.LinkedHashMap;
import java.util.Map;

import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.frame.PlainFrames;

/** Frames that no session of ours would send. */
final class Forged {

    private Forged() {
    }

    static byte[] plain(Tier tier, int operation, int sequence, int sessionId, long time, byte[] key,
            Map<String, ?> payload) {
        return PlainFrames.write(tier, operation, sequence, sessionId, time, 0x1234, key,
                Fields.of(payload).encoded().toArray());
    }

    static Map<String, Object> initMap(Bytes nonce, long time) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("nonce", nonce);
        map.put("timestamp", time);
        map.put("profile", 1L);
        return map;
    }

    static byte[] init(Tier tier, Bytes nonce, long time) {
        return plain(tier, 0x0003, 0, 0, time, null, initMap(nonce, time));
    }

    static Map<String, Object> resumeMap(Bytes nonce, long time) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("old-session-id", 7L);
        map.put("ticket", Bytes.wrap(new byte[64]));
        map.put("ticket-iv", Bytes.wrap(new byte[12]));
        map.put("ticket-tag", Bytes.wrap(new byte[16]));
        map.put("nonce", nonce);
        map.put("timestamp", time);
        map.put("tier", 4L);
        map.put("binder", Bytes.wrap(new byte[32]));
        return map;
    }

    static byte[] resume(Bytes nonce, long time) {
        return plain(Tier.T4, 0x0007, 0, 0, time, TestNode.filled(32, 9), resumeMap(nonce, time));
    }

    /** A SESSION_RESUME whose binder is right. */
    static byte[] bound(Map<String, ?> payload, Tier tier, long time, Secret resumptionSecret) {
        return Binder.bind(plain(tier, 0x0007, 0, 0, time, TestNode.filled(32, 9), payload),
                resumptionSecret);
    }
}
