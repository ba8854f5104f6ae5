package org.myclerk.op.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.TableContract;
import org.myclerk.api.payload.None;

final class SerialOperationsTest {

    private static final Path FACTS = Path.of(System.getProperty("myclerk.root"), "docs", "spec",
            "operations.csv");

    @Test
    void declaresTheRowsOfTheDraft() throws IOException {
        assertEquals(List.of(), TableContract.differences(SerialOperations.TABLE, FACTS));
        assertEquals(9, SerialOperations.TABLE.rows().size());
    }

    @Test
    void showsEachDifferenceToTheDraft() throws IOException {
        OperationTable wrong = OperationTable.of("serial", 0x0617, 0x061F,
                Operation.call(0x0617, "SERIAL_CONTROL_GET", "Get control lines", None.class, None.class),
                Operation.event(0x0619, "SERIAL_EVENT", "Nobody's", None.class));
        assertEquals(List.of(
                "0x0617 summary: the table says \"Get control lines\", the file \"Get control line status\"",
                "0x0617 floor: the table says \"3\", the file \"1\"",
                "0x0619 SERIAL_EVENT is not in the file",
                "0x0618 SERIAL_BREAK is not in the table"), TableContract.differences(wrong, FACTS));
    }

    @Test
    void namesItsOperationsForTheCommandLine() {
        assertEquals("serial.port-list",
                SerialOperations.TABLE.commandName(SerialOperations.SERIAL_PORT_LIST));
        assertEquals("serial.break", SerialOperations.TABLE.commandName(SerialOperations.SERIAL_BREAK));
    }
}
