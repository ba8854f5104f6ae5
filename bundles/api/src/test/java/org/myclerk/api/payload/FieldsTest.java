package org.myclerk.api.payload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;

/** Free maps. */
class FieldsTest {

    private static final PayloadCodec<Fields> CODEC = PayloadCodec.of(Fields.class);

    @Test
    void keepsEveryTypeAndTheOrderOfTheKeys() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("yes", true);
        map.put("least", Long.MIN_VALUE);
        map.put("most", Long.MAX_VALUE);
        map.put("unsigned", BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE));
        map.put("real", -0.1);
        map.put("text", "grün 😀");
        map.put("bytes", Bytes.wrap((byte) 1, (byte) 2));
        map.put("list", Arrays.asList(1L, null, List.of(), Map.of("a", 1L)));
        map.put("map", Map.of("b", List.of("c")));
        map.put("nothing", null);
        Map<String, Object> back = Fields.of(map).toMap();
        assertEquals(map, back);
        assertEquals(List.copyOf(map.keySet()), List.copyOf(back.keySet()));
    }

    @Test
    void takesTheOtherNumbersAndArraysToo() {
        byte[] array = {1, 2};
        Fields fields = Fields.of(Map.of("b", (byte) -1, "s", (short) 300, "i", 70_000, "f", 1.5f, "a", array,
                "big", BigInteger.valueOf(-5)));
        array[0] = 9;
        assertEquals(Map.of("b", -1L, "s", 300L, "i", 70_000L, "f", 1.5, "a", Bytes.ofHex("0102"), "big",
                -5L),
                fields.toMap());
    }

    @ParameterizedTest
    @ValueSource(strings = {"18446744073709551616", "-9223372036854775809"})
    void refusesIntegersBeyond64Bits(String number) {
        Map<String, ?> map = Map.of("n", new BigInteger(number));
        assertThrows(IllegalArgumentException.class, () -> Fields.of(map));
    }

    @Test
    void refusesWhatHasNoForm() {
        Map<String, ?> map = Map.of("o", new Object());
        assertThrows(IllegalArgumentException.class, () -> Fields.of(map));
    }

    @Test
    void usesTheShortestForms() {
        long[] limits = {0x7F, 0x80, 0xFF, 0x100, 0xFFFF, 0x1_0000, 0xFFFF_FFFFL, 0x1_0000_0000L, -32, -33,
                -128, -129,
            -32768, -32769, Integer.MIN_VALUE, Integer.MIN_VALUE - 1L};
        int[] sizes = {1, 2, 2, 3, 3, 5, 5, 9, 1, 2, 2, 3, 3, 5, 5, 9};
        for (int i = 0; i < limits.length; i++) {
            assertEquals(3 + sizes[i], Fields.of(Map.of("n", limits[i])).encoded().length(),
                    "size of " + limits[i]);
        }
    }

    @Test
    void comparesByItsBytes() {
        assertEquals(Fields.NONE, Fields.of(Map.of()));
        assertEquals(Fields.of(Map.of("a", 1)), Fields.of(Map.of("a", 1L)));
        assertEquals(Fields.of(Map.of("a", 1)).hashCode(), Fields.of(Map.of("a", 1L)).hashCode());
    }

    @Test
    void showsItsNamesAndNoValues() {
        assertEquals("[password]", Fields.of(Map.of("password", "secret")).toString());
    }

    @Test
    void isAWholePayloadWithoutTheReservedKeys() throws Malformed, Refused {
        Map<String, Object> own = new LinkedHashMap<>();
        for (int i = 0; i < 20; i++) {
            own.put("k" + i, List.of(Map.of("rid", (long) i)));
        }
        MessagePackWriter out = new MessagePackWriter();
        CODEC.write(out, new Envelope(1, null, "e", 2, true, 3, 4, 5, 250), Fields.of(own));
        Payload payload = Payload.decode(out.toBytes());
        assertEquals(28, payload.toMap().size());
        assertEquals(own, CODEC.read(payload).toMap());
        assertEquals(Fields.of(own), CODEC.read(payload));
    }

    @Test
    void isNoPayloadIfItIsNoMap() {
        assertThrows(IllegalArgumentException.class, () -> CODEC.encode(new Fields(Bytes.wrap((byte) 0x90))));
    }

    @Test
    void comparesBytesWithoutSigns() {
        Bytes middle = Bytes.ofHex("7f80");
        assertTrue(middle.compareTo(Bytes.ofHex("7f7f")) > 0);
        assertTrue(middle.compareTo(Bytes.ofHex("7f")) > 0);
        assertTrue(middle.compareTo(Bytes.ofHex("ff")) < 0);
        assertEquals(0, middle.compareTo(Bytes.ofHex("007f8000").slice(1, 2)));
    }
}
