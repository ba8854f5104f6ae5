package org.myclerk.api.payload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;

/** Any shape that a peer may tell in its catalogue: one that could be read can be shown. */
class ShapeFuzzTest {

    private static final PayloadCodec<Shape> CODEC = PayloadCodec.of(Shape.class);

    static Stream<byte[]> seeds() {
        return Stream.of(PayloadCodec.of(PayloadCodecFuzzTest.Anything.class).shape().within(8),
                PayloadCodec.of(Fields.class).shape(), CODEC.shape().within(8))
                .map(shape -> CODEC.encode(shape).encoded().toArray());
    }

    @MethodSource("seeds")
    @FuzzTest
    void showsEveryShapeThatItReads(byte[] data) throws Malformed, Refused {
        Shape shape;
        try {
            shape = CODEC.read(Payload.decode(data, 0, data.length));
        } catch (Malformed | Refused noShape) {
            return;
        }
        assertTrue(shape.cddl().startsWith("{"));
        Shape flat = shape.within(0);
        assertEquals(shape.fields().size(), flat.fields().size());
        assertTrue(flat.cddl().length() <= shape.cddl().length() + 20 * shape.fields().size());
        assertEquals(shape, CODEC.read(Payload.decode(CODEC.encode(shape).encoded())));
    }
}
