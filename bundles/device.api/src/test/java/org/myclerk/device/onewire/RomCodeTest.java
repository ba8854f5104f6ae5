package org.myclerk.device.onewire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.payload.Bytes;

final class RomCodeTest {

    /** The example of Maxim application note 27: family 02, serial number 00000001B81C, CRC A2. */
    private static final Bytes EXAMPLE = Bytes.ofHex("021cb801000000a2");

    @Test
    void computesTheCrcOfTheApplicationNote() {
        assertEquals(0xA2, Crc8.of(EXAMPLE.slice(0, 7)));
        assertEquals(0, Crc8.of(EXAMPLE));
        assertEquals(0xA1, Crc8.of(Bytes.wrap("123456789".getBytes())),
                "CRC-8/MAXIM-DOW in the catalogue of CRCs");
    }

    @Test
    void writesAndReadsTheNameThatLinuxGives() {
        RomCode code = new RomCode(EXAMPLE);
        assertEquals("02-00000001b81c", code.toString());
        assertEquals(2, code.family());
        assertEquals(code, RomCode.parse("02-00000001b81c"));
        assertEquals(code, RomCode.parse("021cb801000000A2"));
    }

    @Test
    void refusesEveryDamagedBit() {
        for (int bit = 0; bit < 64; bit++) {
            byte[] damaged = EXAMPLE.toArray();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            assertThrows(IllegalArgumentException.class, () -> new RomCode(Bytes.wrap(damaged)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "28", "28-0000066a1f2", "28-0000066a1f2cc", "2g-0000066a1f2c",
            "021cb801000000"})
    void refusesWhatIsNoCode(String text) {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> RomCode.parse(text)).getMessage()
                .contains("28-0123456789ab"));
    }
}
