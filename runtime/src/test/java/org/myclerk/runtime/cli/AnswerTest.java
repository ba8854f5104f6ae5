package org.myclerk.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.PayloadCodec;

class AnswerTest {

    public record Sample(RequestTest.Parity parity, List<RequestTest.Parity> all,
            Optional<RequestTest.Inner> inner,
            Bytes data) {
    }

    @Test
    void namesConstantsWhereverTheShapeKnowsThem() {
        PayloadCodec<Sample> codec = PayloadCodec.of(Sample.class);
        Map<String, Object> map = new LinkedHashMap<>(codec.encode(new Sample(RequestTest.Parity.MARK_SPACE,
                List.of(RequestTest.Parity.ODD),
                Optional.of(new RequestTest.Inner(1, Optional.of(RequestTest.Parity.NONE))),
                Bytes.ofHex("beef"))).toMap());
        map.put("later", 5L);
        assertEquals(
                "{\"parity\":\"mark-space\",\"all\":[\"odd\"],\"inner\":{\"count\":1,\"parity\":\"none\"},"
                + "\"data\":\"hex:beef\",\"later\":5}", Json.line(Answer.named(map, codec.shape())));
    }

    @Test
    void keepsConstantsOfANewerPeer() {
        assertEquals(Map.of("parity", 99L),
                Answer.named(Map.of("parity", 99L), PayloadCodec.of(RequestTest.Inner.class).shape()));
    }

    @Test
    void writesAndReadsEveryValue() throws Failure {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("text", "quote \" line \n é €");
        values.put("big", new BigInteger("18446744073709551615"));
        values.put("least", Long.MIN_VALUE);
        values.put("real", 0.25);
        values.put("nothing", null);
        values.put("list", Arrays.asList(true, null, List.of()));
        assertEquals(values, Json.parse(Json.line(values)));
        assertEquals(values, Fields.of(values).toMap());
    }

    @Test
    void writesRealsThatJsonDoesNotKnowAsText() {
        assertEquals("[\"NaN\",\"-Infinity\"]", Json.line(List.of(Double.NaN, Double.NEGATIVE_INFINITY)));
    }

    @Test
    void refusesWhatIsNotJson() {
        assertThrows(Failure.class, () -> Json.parse("{\"a\":"));
        assertThrows(Failure.class, () -> Json.parse("18446744073709551616"));
    }
}
