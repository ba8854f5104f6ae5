package org.myclerk.op.i2c;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.myclerk.api.operation.TableContract;

final class I2cOperationsTest {

    private static final Path FACTS = Path.of(System.getProperty("myclerk.root"), "docs", "spec",
            "operations.csv");

    @Test
    void declaresTheRowsOfTheDraft() throws IOException {
        assertEquals(List.of(), TableContract.differences(I2cOperations.TABLE, FACTS));
        assertEquals(8, I2cOperations.TABLE.rows().size());
    }
}
