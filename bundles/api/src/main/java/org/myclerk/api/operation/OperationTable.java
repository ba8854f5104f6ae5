package org.myclerk.api.operation;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The operations of one range, in the order of their codes. The table is closed; the code space is not.
 *
 * <p>Immutable.
 */
public final class OperationTable {

    private final String name;
    private final OpCode first;
    private final OpCode last;
    private final List<Operation<?, ?>> rows;
    private final Map<Integer, Operation<?, ?>> byCode = new HashMap<>();

    private OperationTable(String name, OpCode first, OpCode last, List<Operation<?, ?>> rows) {
        this.name = name;
        this.first = first;
        this.last = last;
        this.rows = rows;
        for (Operation<?, ?> row : rows) {
            byCode.put(row.code().value(), row);
        }
    }

    /**
     * @param name the range's name at the command line, lower case, such as {@code gpio}
     * @param first lowest code of the range, inclusive
     * @param last highest code of the range, inclusive
     * @throws IllegalArgumentException if a row is outside the range, out of order, or named twice
     */
    public static OperationTable of(String name, int first, int last, Operation<?, ?>... rows) {
        if (!name.matches("[a-z][a-z0-9-]*")) {
            throw new IllegalArgumentException("a table's name is lower case, got " + name);
        }
        if (first > last) {
            throw new IllegalArgumentException("range of %s ends before it begins".formatted(name));
        }
        Set<String> names = new HashSet<>();
        int before = -1;
        for (Operation<?, ?> row : rows) {
            int code = row.code().value();
            if (code < first || code > last) {
                throw new IllegalArgumentException("%s is outside the range of %s".formatted(row, name));
            }
            if (code <= before || !names.add(row.name())) {
                throw new IllegalArgumentException("rows of %s repeat or are out of order".formatted(name));
            }
            before = code;
        }
        return new OperationTable(name, new OpCode(first), new OpCode(last), List.of(rows));
    }

    public String name() {
        return name;
    }

    public OpCode first() {
        return first;
    }

    public OpCode last() {
        return last;
    }

    public List<Operation<?, ?>> rows() {
        return rows;
    }

    /** The row with that code, or {@code null}. */
    public Operation<?, ?> row(OpCode code) {
        return byCode.get(code.value());
    }

    /** What a person types for a row: {@code gpio.line-set}. */
    public String commandName(Operation<?, ?> row) {
        return name + "." + row.nameIn(name);
    }

    /** Begins to bind the rows to the methods that serve them. */
    public Bindings.Builder bind() {
        return new Bindings.Builder(this);
    }

    @Override
    public String toString() {
        return "%s %s-%s".formatted(name, first, last);
    }
}
