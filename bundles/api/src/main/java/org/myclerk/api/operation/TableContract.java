package org.myclerk.api.operation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Compares a table with the facts it was made from: a file like {@code docs/spec/operations.csv} with the
 * columns {@code code,name,summary,floor,kind,pair}. Meant for the test of every table, a vendor's included.
 */
public final class TableContract {

    private record Row(OpCode code, String name, String summary, String floor, String kind, String pair) {
    }

    private TableContract() {
    }

    /**
     * What differs, a line each, in the order of the codes; empty if table and file agree on every row of the
     * table's range.
     *
     * @throws IOException if the file cannot be read or is not such a file
     */
    public static List<String> differences(OperationTable table, Path operationsCsv) throws IOException {
        Map<OpCode, Row> expected = new TreeMap<>();
        Map<String, OpCode> codes = new HashMap<>();
        List<String> lines = Files.readAllLines(operationsCsv);
        for (String line : lines.subList(1, lines.size())) {
            Row row = row(line);
            codes.put(row.name, row.code);
            if (row.code.compareTo(table.first()) >= 0 && row.code.compareTo(table.last()) <= 0) {
                expected.put(row.code, row);
            }
        }
        List<String> differences = new ArrayList<>();
        for (Operation<?, ?> declared : table.rows()) {
            Row row = expected.remove(declared.code());
            if (row == null) {
                differences.add(declared + " is not in the file");
            } else {
                compare(declared, row, codes, differences);
            }
        }
        expected.values().forEach(row -> differences.add(row.code + " " + row.name + " is not in the table"));
        return differences;
    }

    private static void compare(Operation<?, ?> declared, Row row, Map<String, OpCode> codes,
            List<String> differences) {
        OpCode answer = row.kind.equals("call") && !row.pair.isEmpty() ? codes.get(row.pair) : row.code;
        compare(declared, "name", declared.name(), row.name, differences);
        compare(declared, "summary", declared.summary(), row.summary, differences);
        compare(declared, "floor", Integer.toString(declared.floor().number()), row.floor, differences);
        compare(declared, "kind", kind(declared.kind()), row.kind, differences);
        compare(declared, "answer", declared.answerCode().toString(), String.valueOf(answer), differences);
    }

    private static void compare(Operation<?, ?> row, String what, String table, String file,
            List<String> differences) {
        if (!table.equals(file)) {
            differences.add("%s %s: the table says \"%s\", the file \"%s\"".formatted(row.code(), what, table,
                    file));
        }
    }

    private static String kind(Kind kind) {
        return switch (kind) {
            case CALL -> "call";
            case EVENT -> "event";
            case ONE_WAY -> "one-way";
            case ANSWER -> "answer";
        };
    }

    private static Row row(String line) throws IOException {
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (char c : line.toCharArray()) {
            if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                cells.add(cell.toString());
                cell.setLength(0);
            } else {
                cell.append(c);
            }
        }
        cells.add(cell.toString());
        if (cells.size() != 6 || !cells.getFirst().matches("0x[0-9A-F]{4}")) {
            throw new IOException("no row of an operations file: " + line);
        }
        return new Row(new OpCode(Integer.decode(cells.get(0))), cells.get(1), cells.get(2), cells.get(3),
                cells.get(4),
                cells.get(5));
    }
}
