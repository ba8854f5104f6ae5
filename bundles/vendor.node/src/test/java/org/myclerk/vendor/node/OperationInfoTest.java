package org.myclerk.vendor.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.payload.Shape;

class OperationInfoTest {

    private static final PayloadCodec<Catalogue> CODEC = PayloadCodec.of(Catalogue.class);

    static List<Operation<?, ?>> rows() {
        return NodeOperations.TABLE.rows();
    }

    private static Catalogue catalogue(Operation<?, ?> row) {
        return new Catalogue("node",
                List.of(new OperationInfo(row.code().value(), row.name(), "x", row.summary(), "call",
                3, "none", false, true, row.request().shape(), row.answer().shape())));
    }

    /** NODE_CATALOGUE is the hardest: its answer describes shapes, which hold types, which hold types. */
    @ParameterizedTest
    @MethodSource("rows")
    void fitsTheDepthOfAPayload(Operation<?, ?> row) throws Exception {
        Catalogue catalogue = catalogue(row);
        assertEquals(catalogue, CODEC.read(Payload.decode(CODEC.encode(catalogue).encoded())));
    }

    @Test
    void keepsWhatIsNotTooDeep() {
        Operation<?, ?> row = NodeOperations.NODE_SESSIONS;
        assertEquals(row.answer().shape(), catalogue(row).operations().getFirst().answer());
        Shape cut = catalogue(NodeOperations.NODE_CATALOGUE).operations().getFirst().answer();
        assertTrue(cut.cddl().startsWith("{ name: tstr, operations: [* { code: 0..65535, name: tstr,"),
                cut.cddl());
    }
}
