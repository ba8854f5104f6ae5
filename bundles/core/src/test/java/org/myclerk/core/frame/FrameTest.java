package org.myclerk.core.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;

/** The rules of profile §2 to §4 that need no key. */
class FrameTest {

    private static final int GPIO_LINE_SET = 0x0624;

    private static final byte[] PAYLOAD = filled(20, 9);

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static byte[] plain(Tier tier, int operation, byte[] key) {
        return PlainFrames.write(tier, operation, 7, 0xBEEF, 0xCAFE_BABEL, 0x1234, key, PAYLOAD);
    }

    private static Frame parse(byte[] frame) throws Malformed {
        return Frame.parse(frame, 0, frame.length);
    }

    private static void refuses(byte[] frame) {
        assertThrows(Malformed.class, () -> parse(frame));
    }

    @ParameterizedTest
    @EnumSource(value = Tier.class, names = "T0", mode = Mode.EXCLUDE)
    void readsWhatItWrote(Tier tier) throws Malformed {
        byte[] key = filled(32, 5);
        byte[] bytes = plain(tier, 0x0010, key);
        byte[] around = new byte[bytes.length + 9];
        System.arraycopy(bytes, 0, around, 4, bytes.length);
        Frame frame = Frame.parse(around, 4, bytes.length);
        PlainFrames.checkTrailer(frame);
        assertEquals(new Flags(tier, false, false, false), frame.flags());
        assertEquals(tier, frame.tier());
        assertEquals(0x0010, frame.operation());
        assertEquals(7, frame.sequence());
        assertEquals(tier.below(Tier.T2) ? 0 : 0xBEEF, frame.sessionId());
        assertEquals(tier.below(Tier.T3) ? 0 : 0xCAFE_BABEL, frame.timestamp());
        assertEquals(tier.below(Tier.T3) ? 0 : 0x1234, frame.nonce());
        assertEquals(0, frame.keyId());
        assertEquals(!tier.below(Tier.T4), frame.hasKey());
        if (frame.hasKey()) {
            assertArrayEquals(key, frame.key());
        }
        assertArrayEquals(PAYLOAD,
                Arrays.copyOfRange(around, frame.bodyOffset(), frame.bodyOffset() + frame.bodyLength()));
        assertArrayEquals(bytes, frame.bytes().toArray());
    }

    @ParameterizedTest
    @EnumSource(value = Tier.class, names = "T0", mode = Mode.EXCLUDE)
    void refusesEveryPrefix(Tier tier) throws Malformed {
        byte[] bytes = PlainFrames.write(tier, GPIO_LINE_SET, 0, 1, 2, 3, null, new byte[0]);
        parse(bytes);
        for (int length = 0; length < bytes.length; length++) {
            refuses(Arrays.copyOf(bytes, length));
        }
    }

    @ParameterizedTest
    @EnumSource(value = Tier.class, names = {"T2", "T3", "T4", "T5"})
    void refusesEveryPrefixThatCannotHoldATag(Tier tier) throws Malformed {
        byte[] bytes = new byte[Layout.sealedOverhead(tier)];
        bytes[0] = new Flags(tier, false, false, true).encode();
        parse(bytes);
        for (int length = 0; length < bytes.length; length++) {
            refuses(Arrays.copyOf(bytes, length));
        }
    }

    /** The trailer finds them; a CRC finds single bits, and so does an HMAC under a public key. */
    @ParameterizedTest
    @EnumSource(value = Tier.class, names = {"T2", "T3", "T4", "T5"})
    void findsEveryChangedBitOfAPlainFrame(Tier tier) {
        byte[] bytes = plain(tier, 0x0010, filled(32, 5));
        for (int bit = 0; bit < 8 * bytes.length; bit++) {
            byte[] altered = bytes.clone();
            altered[bit / 8] ^= (byte) (1 << bit % 8);
            assertThrows(Malformed.class, () -> {
                Frame frame = parse(altered);
                if (frame.flags().encrypted()) {
                    throw new Malformed("is not plain any more");
                }
                // Tier 1 has no trailer: a frame that became one is refused by its listener (profile §16).
                if (frame.tier() == Tier.T1) {
                    throw new Malformed("is in the clear");
                }
                PlainFrames.checkTrailer(frame);
            }, "bit " + bit);
        }
    }

    @Test
    void refusesVersionsAndTiersThatDoNotExist() throws Malformed {
        for (int flags = 0; flags < 256; flags++) {
            byte value = (byte) flags;
            if (flags >= 0x30) {
                assertThrows(Malformed.class, () -> Flags.decode(value));
            } else {
                assertEquals(value, Flags.decode(value).encode());
            }
        }
    }

    @Test
    void refusesTier0OutsideOfAContainer() {
        refuses(new byte[] {0, 0x06, 0x24});
        refuses(filled(100, 1));
    }

    @Test
    void refusesFlagsThatNeedEncryption() {
        for (Tier tier : Tier.values()) {
            for (int flags = 2; flags <= 6; flags += 2) {
                byte[] bytes = new byte[100];
                bytes[0] = (byte) (tier.number() << 3 | flags);
                refuses(bytes);
            }
        }
    }

    @Test
    void refusesSealedTier1() {
        byte[] bytes = new byte[100];
        bytes[0] = 0x09;
        refuses(bytes);
    }

    @Test
    void refusesTheReservedOperation() {
        refuses(plain(Tier.T2, 0xFFFF, null));
    }

    @Test
    void refusesFragmentsOfTheCore() {
        for (int operation = 0; operation <= 0x0020; operation++) {
            byte[] bytes = new byte[100];
            bytes[0] = new Flags(Tier.T3, false, true, true).encode();
            Wire.u16(bytes, 1, operation);
            if (operation >= 0x0003 && operation <= 0x001F) {
                refuses(bytes);
            } else {
                assertDoesNotThrow(() -> parse(bytes));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(value = Tier.class, names = {"T4", "T5"})
    void refusesKeyIdOfAPlainFrame(Tier tier) throws Malformed {
        byte[] bytes = plain(tier, GPIO_LINE_SET, null);
        parse(bytes);
        bytes[15] = 1;
        refuses(bytes);
        bytes[0] |= 1;
        assertEquals(1, parse(bytes).keyId());
    }

    @Test
    void refusesTagOfAPlainFrame() throws Malformed {
        byte[] bytes = plain(Tier.T5, GPIO_LINE_SET, null);
        bytes[63] = 1;
        refuses(bytes);
        bytes[0] |= 1;
        parse(bytes);
    }

    /**
     * A well sealed handshake message in an open session is ignored whatever its X25519 field (profile §19).
     */
    @ParameterizedTest
    @ValueSource(ints = {0x0000, 0x0001, 0x0003, 0x0004, 0x0005, 0x0007, 0x0008, 0x0010, 0x0011, 0x0012,
            0x0016, 0x0017,
        GPIO_LINE_SET})
    void takesX25519KeysInKeyExchangeOnly(int operation) throws Malformed {
        boolean exchanges = operation == 0x0007 || operation == 0x0008 || operation == 0x0010
                || operation == 0x0011
                || operation == 0x0016;
        boolean handshake = operation == 0x0003 || operation == 0x0004 || operation == 0x0012;
        for (Tier tier : new Tier[] {Tier.T4, Tier.T5}) {
            assertFalse(parse(plain(tier, operation, null)).hasKey());
            byte[] key = new byte[32];
            key[31] = 1;
            byte[] bytes = plain(tier, operation, key);
            if (exchanges) {
                assertTrue(parse(bytes).hasKey());
            } else {
                refuses(bytes);
            }
            bytes[0] |= 1;
            if (exchanges || handshake) {
                assertTrue(parse(bytes).hasKey());
            } else {
                refuses(bytes);
            }
        }
    }

    @Test
    void refusesRangesOutsideTheArray() {
        assertThrows(IndexOutOfBoundsException.class, () -> Frame.parse(new byte[10], 8, 4));
    }
}
