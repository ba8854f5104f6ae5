package org.myclerk.core.session;

import java.util.Arrays;
import java.util.Map;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Payload;
import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.frame.Frame;
import org.myclerk.core.frame.Layout;

/** Looks into sealed frames with the keys of one end. */
final class Opened {

    private Opened() {
    }

    /** Opens a frame with the receiver's keys; the receiver itself does not see it. */
    static byte[] plaintext(End receiver, byte[] bytes) {
        try {
            return receiver.session.traffic.open(Frame.parse(bytes, 0, bytes.length));
        } catch (Malformed wrong) {
            throw new AssertionError(wrong);
        }
    }

    static Map<String, Object> payload(End receiver, byte[] bytes) {
        byte[] plaintext = plaintext(receiver, bytes);
        try {
            return Payload.decode(plaintext, 0, plaintext.length).toMap();
        } catch (Malformed wrong) {
            throw new AssertionError(wrong);
        }
    }

    static int operation(byte[] frame) {
        return (frame[1] & 0xFF) << 8 | frame[2] & 0xFF;
    }

    static long keyId(byte[] frame) {
        return frame[15];
    }

    /** A frame of tier 4 or 5 whose trailer is made anew, as only the sender can. */
    static byte[] withTrailer(End sender, byte[] bytes) {
        int size = bytes[0] >> 3 == 5 ? Layout.trailer(Tier.T5)
                : Layout.trailer(Tier.T4);
        Traffic traffic = sender.session.traffic;
        byte[] mac = KeySchedule.applicationKeys(traffic.root, sender.established.initiator(),
                traffic.transcript).mac()
                .bytes();
        byte[] trailer = Crypto.hmac(mac, Arrays.copyOf(bytes, bytes.length - size));
        System.arraycopy(trailer, 0, bytes, bytes.length - size, size);
        return bytes;
    }
}
