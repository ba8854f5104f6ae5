package org.myclerk.op.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.myclerk.api.operation.TableContract;

class RoutingOperationsTest {

    @Test
    void agreesWithTheDraft() throws IOException {
        Path facts = Path.of(System.getProperty("myclerk.root"), "docs/spec/operations.csv");
        assertEquals(List.of(), TableContract.differences(RoutingOperations.TABLE, facts));
        assertEquals(9, RoutingOperations.TABLE.rows().size());
    }
}
