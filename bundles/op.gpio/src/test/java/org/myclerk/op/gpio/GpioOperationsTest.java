package org.myclerk.op.gpio;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.myclerk.api.operation.TableContract;

final class GpioOperationsTest {

    private static final Path FACTS = Path.of(System.getProperty("myclerk.root"), "docs", "spec",
            "operations.csv");

    @Test
    void declaresTheRowsOfTheDraft() throws IOException {
        assertEquals(List.of(), TableContract.differences(GpioOperations.TABLE, FACTS));
        assertEquals(10, GpioOperations.TABLE.rows().size());
    }
}
