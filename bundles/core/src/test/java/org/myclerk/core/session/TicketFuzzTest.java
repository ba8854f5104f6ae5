package org.myclerk.core.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.KeySchedule;

/**
 * Any plaintext in a ticket, sealed with the right key and then perhaps changed: what opens is read as it was
 * written, and within its times. The input is the time and the session (4 and 2 bytes), what to change (a
 * byte, 0 for nothing) and the plaintext.
 */
class TicketFuzzTest {

    private static final int HEAD = 7;
    private static final byte[] KEY = TestNode.filled(32, 5);
    private static final Bytes IV = Bytes.wrap(new byte[12]);

    static Stream<byte[]> seeds() {
        return Stream.of("6955b900 0007 00" + "33".repeat(48) + "6955b900 6957b900 0102030405060708",
                "6955b900 0007 00" + "33".repeat(48) + "6955ba2c 6955ba2d 0102030405060708",
                "6955b900 0007 01" + "33".repeat(48) + "ffffffff ffffffff 0000000000000000")
                .map(hex -> HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    @MethodSource("seeds")
    @FuzzTest
    void opensWithinItsTimesAndUnchangedOnly(byte[] input) {
        ByteBuffer in = ByteBuffer.wrap(Arrays.copyOf(input, HEAD + 64));
        long now = in.getInt() & 0xFFFF_FFFFL;
        int sessionId = in.getShort() & 0xFFFF;
        int change = in.get() & 0xFF;
        byte[] plaintext = new byte[64];
        in.get(plaintext);
        byte[] sealed = Crypto.aesGcmSeal(KEY, IV.toArray(), KeySchedule.ticketAssociated(sessionId),
                plaintext);
        sealed[change % sealed.length] ^= (byte) change;
        TicketKeys keys = new TicketKeys(new Random(1));
        keys.takeOver(Map.of("current", KEY, "current-since", now));
        long issued = ByteBuffer.wrap(plaintext).getInt(48) & 0xFFFF_FFFFL;
        long expires = ByteBuffer.wrap(plaintext).getInt(52) & 0xFFFF_FFFFL;
        try {
            TicketKeys.Opened opened = keys.open(sessionId, Bytes.wrap(sealed, 0, 64), IV,
                    Bytes.wrap(sealed, 64, Crypto.TAG), now);
            assertEquals(0, change, "a changed ticket opens");
            assertEquals(Bytes.wrap(plaintext, 0, 32), Bytes.wrap(opened.resumptionSecret().bytes()));
            assertEquals(Bytes.wrap(plaintext, 32, 16), opened.node());
            assertEquals(Bytes.wrap(plaintext, 56, 8), opened.nonce());
            assertEquals(expires, opened.expires());
            assertTrue(issued - 300 <= now && now < expires, "out of its time");
        } catch (Malformed refused) {
            assertTrue(change != 0 || issued - 300 > now || now >= expires, refused.getMessage());
        }
    }
}
