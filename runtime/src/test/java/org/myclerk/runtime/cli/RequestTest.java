package org.myclerk.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Shape;
import org.myclerk.api.payload.Size;
import org.myclerk.api.payload.WireNumber;

class RequestTest {

    public enum Parity implements WireNumber {
        NONE(0), ODD(1), MARK_SPACE(7);

        private final int number;

        Parity(int number) {
            this.number = number;
        }

        @Override
        public int number() {
            return number;
        }
    }

    public record Inner(@Range(max = 9) int count, Optional<Parity> parity) {
    }

    public record Everything(@Help("what lsusb shows") @Size(max = 8) String port, @Range(min = 1) int baud,
            Optional<Boolean> on, Optional<Double> ratio, @Size(max = 4) Optional<Bytes> data,
            Optional<Parity> parity,
            @Size(max = 2) Optional<List<Integer>> pins, Optional<Inner> inner, Optional<Fields> extra) {
    }

    private static final Optional<Shape> SHAPE = Optional.of(PayloadCodec.of(Everything.class).shape());

    private static Map<String, Object> typed(String... words) throws Failure {
        return Request.of(List.of(words), SHAPE).toMap();
    }

    private static Map<String, Object> guessed(String... words) throws Failure {
        return Request.of(List.of(words), Optional.empty()).toMap();
    }

    private static String refusal(String... words) {
        Failure failure = assertThrows(Failure.class, () -> typed(words));
        assertEquals(2, failure.exitStatus());
        return failure.getMessage();
    }

    @Test
    void readsEveryKindOfValue() throws Failure {
        assertEquals(Map.of("port", "usb-1", "baud", 115200L, "on", true, "ratio", 0.5, "data",
                Bytes.ofHex("0d0a"),
                "parity", 7L, "pins", List.of(3L, 4L), "inner", Map.of("count", 2L, "parity", 1L), "extra",
                Map.of("a", List.of(1L))),
                typed("port=usb-1", "baud=115_200", "on=yes", "ratio=0.5", "data=hex:0d0a",
                "parity=mark-space",
                        "pins=3", "pins=0x4", "inner={\"count\":2,\"parity\":\"odd\"}", "extra={\"a\":[1]}"));
    }

    @Test
    void readsTheSameFromJson() throws Failure {
        assertEquals(typed("port=hex:aa", "baud=300", "data=text:hé", "parity=odd", "pins=[1,2]"),
                typed("{\"port\":\"hex:aa\",\"baud\":300,\"data\":\"text:hé\",\"parity\":1,\"pins\":[1,2],\"on\":null}"));
    }

    @Test
    void keepsEqualsSignsInValues() throws Failure {
        assertEquals("a=b=c", typed("port=a=b=c", "baud=1").get("port"));
    }

    @Test
    void readsBytesFromAFile(@TempDir Path folder) throws Exception {
        Path file = Files.write(folder.resolve("data"), new byte[] {1, 2, 3});
        assertEquals(Bytes.wrap((byte) 1, (byte) 2, (byte) 3),
                typed("port=x", "baud=1", "data=@" + file).get("data"));
        assertEquals(1,
                assertThrows(Failure.class, () -> typed("port=x", "baud=1", "data=@" + folder)).exitStatus());
    }

    @Test
    void refusesValuesThatDoNotFitNamingTheField() {
        assertEquals("baud: \"fast\" is not a number", refusal("port=x", "baud=fast"));
        assertEquals("baud: 0 is not in 1..2147483647", refusal("port=x", "baud=0"));
        assertEquals("on: \"maybe\" is neither true nor false", refusal("port=x", "baud=1", "on=maybe"));
        assertEquals("ratio: \"half\" is not a number", refusal("port=x", "baud=1", "ratio=half"));
        assertEquals("data: \"0d\" are not bytes, write hex:0d0a, text:hello or @FILE",
                refusal("port=x", "baud=1", "data=0d"));
        assertEquals("data: \"hex:0\" are not pairs of hexadecimal digits",
                refusal("port=x", "baud=1", "data=hex:0"));
        assertEquals("data: has 5 bytes, at most 4 go", refusal("port=x", "baud=1", "data=text:hello"));
        assertEquals("parity: \"od\" is not one of none, odd, mark-space; did you mean odd?",
                refusal("port=x", "baud=1", "parity=od"));
        assertEquals("pins: has 3 values, at most 2 go",
                refusal("port=x", "baud=1", "pins=1", "pins=2", "pins=3"));
        assertEquals("pins[1]: \"b\" is not a number", refusal("port=x", "baud=1", "pins=1", "pins=b"));
        assertEquals("inner.count: 10 is not in 0..9", refusal("port=x", "baud=1", "inner={\"count\":10}"));
        assertEquals("inner.count: is missing", refusal("port=x", "baud=1", "inner={}"));
        assertEquals("port: has 9 bytes, at most 8 go", refusal("port=123456789", "baud=1"));
        assertEquals("baud: takes one value, got 2", refusal("port=x", "baud=1", "baud=2"));
        assertEquals("baud: 1.5 is not a whole number", refusal("{\"port\":\"x\",\"baud\":1.5}"));
    }

    @Test
    void refusesFieldsThatAreMissingUnknownOrReserved() {
        assertEquals("port: is missing (what lsusb shows)", refusal("baud=1"));
        assertEquals(
                "bau: there is no such field; did you mean baud?; it takes port, baud, on, ratio, data, "
                + "parity, "
                + "pins, inner, extra", refusal("bau=1"));
        assertEquals(
                "\"port\" is not key=value; it takes port, baud, on, ratio, data, parity, pins, inner, extra",
                refusal("port"));
        assertEquals("rid: is set by the protocol, leave it out",
                assertThrows(Failure.class, () -> guessed("rid=5")).getMessage());
        assertEquals("\"a\" is not key=value; this operation takes none", assertThrows(Failure.class,
                () -> Request.of(List.of("a"), Optional.of(new Shape(List.of(), false)))).getMessage());
    }

    @Test
    void guessesWithoutAShape() throws Failure {
        assertEquals(Map.of("n", 3L, "big", 255L, "real", 1.5, "yes", true, "zip", "007", "list",
                List.of(1L, "a"),
                "bytes", Bytes.ofHex("ff"), "deep", List.of(Bytes.ofHex("01"))),
                guessed("n=3", "big=0xff", "real=1.5", "yes=true", "zip=007", "list=1", "list=a",
                "bytes=hex:ff",
                        "deep=[\"hex:01\"]"));
    }

    @Test
    void takesNothingAsAnEmptyMap() throws Failure {
        assertEquals(Fields.NONE, Request.of(List.of(), Optional.empty()));
    }
}
