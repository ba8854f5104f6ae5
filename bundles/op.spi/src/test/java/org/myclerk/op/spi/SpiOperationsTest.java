package org.myclerk.op.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.myclerk.api.operation.TableContract;

final class SpiOperationsTest {

    private static final Path FACTS = Path.of(System.getProperty("myclerk.root"), "docs", "spec",
            "operations.csv");

    @Test
    void declaresTheRowsOfTheDraft() throws IOException {
        assertEquals(List.of(), TableContract.differences(SpiOperations.TABLE, FACTS));
        assertEquals(7, SpiOperations.TABLE.rows().size());
    }
}
