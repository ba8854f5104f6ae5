package org.myclerk.api.payload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;

/** The reserved keys of a payload, both ways (profile §6). */
class EnvelopeTest {

    private static final PayloadCodec<None> NOTHING = PayloadCodec.of(None.class);

    private static Payload written(Envelope envelope) throws Malformed {
        MessagePackWriter out = new MessagePackWriter();
        NOTHING.write(out, envelope, None.NONE);
        return Payload.decode(out.toBytes());
    }

    private static Payload of(String hex) throws Malformed {
        return Payload.decode(Bytes.ofHex(hex));
    }

    private static Payload of(Map<String, ?> map) throws Malformed {
        return Payload.decode(Fields.of(map).encoded());
    }

    static List<Envelope> envelopes() {
        return List.of(Envelope.NONE, Envelope.request(1), Envelope.request(0xFFFF_FFFFL),
                Envelope.followed(7, 0),
                Envelope.followed(7, 0xFFFF_FFFFL), Envelope.response(9, ErrorCode.OK),
                Envelope.response(9, new ErrorCode(0xFF)), Envelope.responseWithMore(300),
                Envelope.refusal(70_000, ErrorCode.FORBIDDEN, "needs tier 5", 5),
                Envelope.refusal(1, ErrorCode.BAD_REQUEST, null, -1), Envelope.credit(12, 3),
                Envelope.credit(12, 0), Envelope.notNow(8, ErrorCode.SERVICE_UNAVAILABLE, "soon", 0),
                Envelope.event(77), new Envelope(1, ErrorCode.OK, "e", 255, true, 2, 3, 4, 250));
    }

    @ParameterizedTest
    @MethodSource("envelopes")
    void comesBackAsItWent(Envelope envelope) throws Malformed {
        Payload payload = written(envelope);
        assertEquals(envelope, payload.envelope());
        assertNull(payload.fault());
    }

    @Test
    void travelsUnderTheReservedNames() throws Malformed {
        assertEquals(Map.of("rid", 1L, "status", 0x12L, "error", "no", "required-tier", 4L, "more", true,
                "credit", 2L,
                "follow", 3L, "watch", 4L, "retry-after", 250L),
                written(new Envelope(1, ErrorCode.FORBIDDEN, "no", 4, true, 2, 3, 4, 250)).toMap());
        assertEquals(List.of("rid", "status", "error", "required-tier", "more", "credit", "follow", "watch",
                "retry-after"), Fields.reservedNames());
        assertEquals(Map.of(), written(Envelope.NONE).toMap(), "what is absent does not travel");
    }

    @Test
    void tellsRequestsFromResponses() {
        assertTrue(Envelope.request(1).isRequest());
        assertFalse(Envelope.request(1).isResponse());
        assertTrue(Envelope.response(1, ErrorCode.OK).isResponse());
        assertFalse(Envelope.response(1, ErrorCode.OK).isRequest());
        assertFalse(Envelope.event(1).isRequest());
        assertFalse(Envelope.event(1).isResponse());
        assertFalse(Envelope.credit(1, 1).isRequest());
    }

    @ParameterizedTest
    @CsvSource({"01,1", "7f,127", "cc01,1", "cd0001,1", "ce00000001,1", "cf0000000000000001,1", "d001,1",
        "d10001,1",
        "d200000001,1", "d30000000000000001,1", "ceffffffff,4294967295", "cf00000000ffffffff,4294967295",
        "d300000000ffffffff,4294967295"})
    void takesEveryFormOfAValidRid(String value, long rid) throws Malformed {
        assertEquals(rid, of("81a3726964" + value).envelope().rid());
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "cc00", "cf0000000100000000", "cfffffffffffffffff", "ff", "d0ff",
        "d3ffffffffffffffff",
        "cb3ff0000000000000", "ca3f800000", "a131", "c0", "c3", "c40101", "9101", "80"})
    void refusesAnythingElseAsRid(String value) {
        assertThrows(Malformed.class, () -> of("81a3726964" + value));
    }

    @ParameterizedTest
    @CsvSource({"00,0", "0f,15", "10,16", "ccff,255", "cd00ff,255", "d30000000000000021,33"})
    void takesEveryStatus(String value, int status) throws Malformed {
        Envelope envelope = of("81a6737461747573" + value).envelope();
        assertEquals(new ErrorCode(status), envelope.status());
        assertTrue(envelope.isResponse());
    }

    @ParameterizedTest
    @ValueSource(strings = {"cd0100", "ff", "cb0000000000000000", "c0", "a0", "cfffffffffffffffff"})
    void refusesAnythingElseAsStatus(String value) {
        assertThrows(Malformed.class, () -> of("81a6737461747573" + value));
    }

    @ParameterizedTest
    @CsvSource({"required-tier,-1", "required-tier,256", "more,1", "credit,-1", "credit,4294967296",
        "follow,0",
        "follow,4294967296", "watch,0", "watch,-7", "error,5"})
    void namesTheFaultOfAnotherKeyAndStaysAnswerable(String key, long value) throws Malformed {
        Payload payload = of(Map.of(key, value, "rid", 5));
        assertNotNull(payload.fault());
        assertTrue(payload.fault().startsWith(key + ": "), payload.fault());
        assertEquals(Envelope.request(5), payload.envelope(), "the bad key counts as absent");
        Refused refused = assertThrows(Refused.class, () -> NOTHING.read(payload));
        assertEquals(ErrorCode.BAD_REQUEST, refused.code());
        assertEquals(payload.fault(), refused.getMessage());
    }

    @Test
    void faultsAnErrorOfMoreThan256Bytes() throws Malformed {
        assertNull(of(Map.of("error", "x".repeat(256))).fault());
        assertNotNull(of(Map.of("error", "x".repeat(257))).fault());
        assertNotNull(of(Map.of("error", "ä".repeat(129))).fault());
    }

    @Test
    void ignoresReservedNamesBelowTheTop() throws Malformed {
        Payload payload = of(Map.of("inner", Map.of("rid", "no number", "status", -1)));
        assertEquals(Envelope.NONE, payload.envelope());
        assertNull(payload.fault());
    }

    @Test
    void takesNoNamesThatOnlyLookReserved() throws Malformed {
        assertEquals(Envelope.NONE, of(Map.of("Rid", 1, "rid ", 2, "ri", 3, "statuses", 4, "required-tie",
                5)).envelope());
    }

    @ParameterizedTest
    @CsvSource({"a,256", "ä,128", "€,85", "😀,64"})
    void shortensAnErrorWithoutCuttingACharacter(String character, int fitting) throws Malformed {
        assertEquals(character.repeat(fitting), error(character.repeat(fitting)), "just fits");
        assertEquals(character.repeat(fitting), error(character.repeat(fitting + 1)), "one too many");
        String shifted = error("a" + character.repeat(300));
        int length = shifted.getBytes(StandardCharsets.UTF_8).length;
        assertTrue(length <= 256 && length > 256 - 4, length + " bytes");
        assertTrue(("a" + character.repeat(300)).startsWith(shifted));
    }

    /** The words as they arrive. */
    private static String error(String words) throws Malformed {
        Payload payload = written(Envelope.refusal(1, ErrorCode.INTERNAL_ERROR, words, -1));
        assertNull(payload.fault());
        return payload.envelope().error();
    }
}
