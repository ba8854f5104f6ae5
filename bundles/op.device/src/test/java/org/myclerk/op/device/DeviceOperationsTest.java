package org.myclerk.op.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.myclerk.api.operation.TableContract;

class DeviceOperationsTest {

    @Test
    void agreesWithTheDraft() throws IOException {
        Path facts = Path.of(System.getProperty("myclerk.root"), "docs/spec/operations.csv");
        assertEquals(List.of(), TableContract.differences(DeviceOperations.TABLE, facts));
        assertEquals(9, DeviceOperations.TABLE.rows().size());
    }
}
