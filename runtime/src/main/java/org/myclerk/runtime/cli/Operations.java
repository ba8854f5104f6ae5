package org.myclerk.runtime.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.None;
import org.myclerk.op.device.DeviceOperations;
import org.myclerk.op.serial.SerialOperations;
import org.myclerk.vendor.node.Catalogue;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.OperationInfo;
import org.myclerk.vendor.node.TableName;
import org.myclerk.vendor.node.TableRange;

/**
 * The operations that a peer serves, as it tells them itself. One that does not is taken to serve what we
 * know.
 */
final class Operations {

    private static final List<OperationTable> HERE = List.of(DeviceOperations.TABLE, SerialOperations.TABLE,
            NodeOperations.TABLE);

    private final Peer peer;
    private final List<TableRange> tables;
    private final boolean told;

    private Operations(Peer peer, List<TableRange> tables, boolean told) {
        this.peer = peer;
        this.tables = tables;
        this.told = told;
    }

    /**
     * An operation that was found.
     *
     * @param info empty if nobody told what it looks like
     * @param neighbours the operations of the same table
     */
    record Found(OpCode code, Optional<OperationInfo> info, List<OperationInfo> neighbours) {

        String name() {
            return info.map(OperationInfo::command).orElse(code.toString());
        }
    }

    static Operations of(Peer peer) throws Refused, IOException, InterruptedException {
        try {
            List<TableRange> tables = peer.call(NodeOperations.NODE_TABLES, None.NONE).tables();
            return new Operations(peer,
                    tables.stream().sorted(Comparator.comparingInt(TableRange::first)).toList(), true);
        } catch (Refused refused) {
            if (refused.code().equals(ErrorCode.FORBIDDEN) || refused.code().equals(ErrorCode.NOT_FOUND)) {
                return new Operations(peer, HERE.stream().map(table -> new TableRange(table.name(),
                        table.first().value(), table.last().value(), table.rows().size())).toList(), false);
            }
            throw refused;
        }
    }

    List<TableRange> tables() {
        return tables;
    }

    /** Whether the peer told them itself. */
    boolean told() {
        return told;
    }

    /** The operations of a table, in the order of their codes. */
    List<OperationInfo> catalogue(String table) throws Refused, IOException, InterruptedException {
        if (told) {
            Catalogue catalogue = peer.call(NodeOperations.NODE_CATALOGUE, new TableName(table));
            return catalogue.operations().stream().sorted(Comparator.comparingInt(OperationInfo::code))
                    .toList();
        }
        return HERE.stream().filter(known -> known.name().equals(table)).findFirst().map(Operations::describe)
                .orElse(List.of());
    }

    private static List<OperationInfo> describe(OperationTable table) {
        return table.rows().stream().map(row -> describe(table, row)).toList();
    }

    /** An operation as data. */
    static OperationInfo describe(OperationTable table, Operation<?, ?> row) {
        return new OperationInfo(row.code().value(), row.name(), table.commandName(row), row.summary(),
                lower(row.kind()), row.floor().number(), lower(row.access()), row.isFollowed(), true,
                row.request().shape(), row.answer().shape());
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Finds what a person wrote: {@code gpio.line-set}, {@code GPIO_LINE_SET} or {@code 0x0624}.
     *
     * @throws Failure if a name is not known; a code always goes
     */
    Found find(String text) throws Failure, Refused, IOException, InterruptedException {
        if (text.matches("0[xX][0-9a-fA-F]{1,4}")) {
            return byCode(Integer.parseInt(text.substring(2), 16));
        }
        if (text.startsWith("0x") || text.startsWith("0X")) {
            throw Failure.usage("%s: an operation code is 0x and up to four hexadecimal digits".formatted(
                    text));
        }
        String wanted = canonical(text);
        List<String> names = new ArrayList<>();
        for (TableRange table : likely(text)) {
            List<OperationInfo> catalogue = catalogue(table.name());
            for (OperationInfo operation : catalogue) {
                if (canonical(operation.name()).equals(wanted)
                        || canonical(operation.command()).equals(wanted)) {
                    return new Found(new OpCode(operation.code()), Optional.of(operation), catalogue);
                }
                names.add(text.contains(".") || text.contains("-") ? operation.command() : operation.name());
            }
        }
        String table = text.contains(".") ? text.substring(0, text.indexOf('.')) : "";
        List<String> tableNames = tables.stream().map(TableRange::name).toList();
        if (!table.isEmpty() && !tableNames.contains(table)) {
            throw Failure.usage("%s: %s has no table %s%s; it has %s".formatted(text, peer.name(), table,
                    Suggestion.ending(table, tableNames), String.join(", ", tableNames)));
        }
        throw Failure.usage("%s: %s; %s".formatted(text, told
                ? "%s has no such operation%s".formatted(peer.name(),
                Suggestion.ending(text, names)) : peer.name() + " does not tell its operations",
                told ? "myclerk ops %s lists them".formatted(peer.name())
                : "write the code, such as 0x0624"));
    }

    private Found byCode(int code) throws Refused, IOException, InterruptedException {
        for (TableRange table : tables) {
            if (code >= table.first() && code <= table.last()) {
                List<OperationInfo> catalogue = catalogue(table.name());
                return new Found(new OpCode(code),
                        catalogue.stream().filter(operation -> operation.code() == code).findFirst(),
                        catalogue);
            }
        }
        return new Found(new OpCode(code), Optional.empty(), List.of());
    }

    /** Table and operation in one spelling: {@code gpio-line-set}. */
    private static String canonical(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-').replace('.', '-');
    }

    /** The tables with the name before the dot, or those whose name the word begins with first. */
    private List<TableRange> likely(String text) {
        int dot = text.indexOf('.');
        if (dot > 0) {
            return tables.stream().filter(table -> table.name().equalsIgnoreCase(text.substring(0, dot)))
                    .toList();
        }
        String word = canonical(text);
        return Stream.concat(tables.stream().filter(table -> word.startsWith(table.name() + "-")),
                tables.stream().filter(table -> !word.startsWith(table.name() + "-"))).toList();
    }
}
