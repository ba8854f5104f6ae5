package org.myclerk.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.myclerk.api.operation.Audience;
import org.myclerk.api.operation.Kind;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.core.session.CoreOperations;
import org.myclerk.op.can.CanOperations;
import org.myclerk.op.client.ClientOperations;
import org.myclerk.op.device.DeviceOperations;
import org.myclerk.op.gpio.GpioOperations;
import org.myclerk.op.i2c.I2cOperations;
import org.myclerk.op.onewire.OneWireOperations;
import org.myclerk.op.routing.RoutingOperations;
import org.myclerk.op.serial.SerialOperations;
import org.myclerk.op.spi.SpiOperations;
import org.myclerk.vendor.conformance.ConformanceOperations;
import org.myclerk.vendor.node.NodeOperations;

/**
 * The pages in {@code docs/operations} say what the tables declare. {@code -Dmyclerk.write=true} writes them
 * anew.
 */
class OperationPagesTest {

    static final OperationTable[] TABLES = {CoreOperations.TABLE, DeviceOperations.TABLE,
            RoutingOperations.TABLE,
        ClientOperations.TABLE, SerialOperations.TABLE, GpioOperations.TABLE, I2cOperations.TABLE,
        SpiOperations.TABLE, CanOperations.TABLE, OneWireOperations.TABLE, ConformanceOperations.TABLE,
        NodeOperations.TABLE};

    @ParameterizedTest
    @FieldSource("TABLES")
    void standsAsDeclared(OperationTable table) throws IOException {
        Path file = Path.of(System.getProperty("myclerk.root"), "docs", "operations", table.name() + ".md");
        String page = page(table);
        if (Boolean.getBoolean("myclerk.write")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, page);
        }
        assertEquals(page, Files.readString(file), "write it anew with -Dmyclerk.write=true");
    }

    private static String page(OperationTable table) {
        StringBuilder page = new StringBuilder();
        page.append("# %s: %s-%s%n%n".formatted(table.name(), table.first(), table.last()));
        page.append("Generated from the table of operations; changed there, not here.\n\n");
        page.append(
                "| Code | Name | Command line | What it does | Kind | Lowest tier "
                + "|\n|---|---|---|---|---|---|\n");
        for (Operation<?, ?> row : table.rows()) {
            page.append("| %s | %s | `%s` | %s | %s | %d |%n".formatted(row.code(), row.name(),
                    table.commandName(row), row.summary(), kind(row), row.floor().number()));
        }
        page.append("\n```cddl\n");
        for (Operation<?, ?> row : table.rows()) {
            String rule = row.name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (row.kind() == Kind.CALL || row.kind() == Kind.ONE_WAY) {
                page.append("%s-request = %s%n".formatted(rule, row.request().shape().cddl()));
            }
            if (row.kind() != Kind.ONE_WAY) {
                page.append("%s-%s = %s%n".formatted(rule, row.kind() == Kind.EVENT ? "event" : "answer",
                        row.answer().shape().cddl()));
            }
        }
        return page.append("```\n").toString();
    }

    private static String kind(Operation<?, ?> row) {
        String kind = switch (row.kind()) {
            case CALL -> row.isFollowed() ? "call, followed" : "call";
            case EVENT -> "event";
            case ONE_WAY -> "one-way";
            case ANSWER -> "answer";
        };
        return row.audience() == Audience.OWNERS ? kind + ", owners only" : kind;
    }
}
