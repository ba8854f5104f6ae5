package org.myclerk.core.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.core.Vectors;
import org.myclerk.core.frame.Frame;

/** Any bytes as payload of each message of sessions and keys: what was read comes back as it was. */
class HandshakeMessageFuzzTest {

    /** What the plain frames of the vectors carry, and one of each message that only travels sealed. */
    static Stream<byte[]> seeds() {
        Bytes sixtyFour = Bytes.wrap(new byte[64]);
        Stream<byte[]> plain = Vectors.samples(name -> name.contains("SESSION_")
                || name.contains("KEY_EXCHANGE")).flatMap(HandshakeMessageFuzzTest::body);
        return Stream.concat(plain, Stream.of(
                CoreOperations.KEY_EXCHANGE_INIT.request().encode(
                        new KeyExchangeInit(Bytes.wrap(new byte[32]))),
                CoreOperations.KEY_EXCHANGE_RESPONSE.answer().encode(
                        new KeyExchangeResponse(sixtyFour, sixtyFour, Optional.of(Bytes.EMPTY))),
                CoreOperations.KEY_EXCHANGE_COMPLETE.request().encode(new KeyExchangeComplete(
                        Optional.of(sixtyFour), Optional.of(Bytes.wrap(new byte[32])),
                        Optional.of(sixtyFour), Optional.empty(), Optional.of(sixtyFour),
                        Optional.of(Bytes.wrap(new byte[12])), Optional.of(Bytes.wrap(new byte[16])),
                        Optional.of(60L))),
                CoreOperations.SESSION_ROTATE.request().encode(new SessionRotate(1)),
                CoreOperations.SESSION_CLOSE.request().encode(new SessionClose(Optional.of("enough"))))
                .map(payload -> payload.encoded().toArray()));
    }

    private static Stream<byte[]> body(byte[] bytes) {
        try {
            Frame frame = Frame.parse(bytes, 0, bytes.length);
            return frame.flags().encrypted() ? Stream.of()
                    : Stream.of(Bytes.copyOf(bytes, frame.bodyOffset(), frame.bodyLength()).toArray());
        } catch (Malformed noFrame) {
            return Stream.of();
        }
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsWhatItWouldWrite(byte[] input) throws Malformed, Refused {
        Payload payload;
        try {
            payload = Payload.decode(input, 0, input.length);
        } catch (Malformed noPayload) {
            return;
        }
        for (Operation<?, ?> row : CoreOperations.TABLE.rows()) {
            read(row.request(), payload);
            read(row.answer(), payload);
        }
        String last = payload.toMap().keySet().stream().reduce("", (_, key) -> key);
        assertEquals(last.equals("binder"), Binder.isLast(payload.bytes()));
    }

    private static <T> void read(PayloadCodec<T> codec, Payload payload) throws Malformed, Refused {
        T value;
        try {
            value = codec.read(payload);
        } catch (Refused refused) {
            assertEquals(ErrorCode.BAD_REQUEST, refused.code());
            return;
        }
        assertEquals(value, codec.read(Payload.decode(codec.encode(value).encoded())));
        if (value instanceof SessionResume resume) {
            assertTrue(resume.ticket().length() == 64 && resume.binder().length() == Binder.LENGTH);
        }
    }
}
