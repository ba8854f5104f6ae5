package org.myclerk.runtime.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.payload.Shape;
import org.myclerk.vendor.node.Catalogue;
import org.myclerk.vendor.node.OperationInfo;
import org.myclerk.vendor.node.TableRange;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists operations with their fields. */
@Command(name = "ops", description = "List the operations that a node serves, with their fields.",
        footer = {"",
        "RANGE is a table (serial), a code (0x0610), codes (0x0600-0x06FF) or an operation "
        + "(serial.port-list)."})
final class OpsCommand extends Task {

    @Parameters(paramLabel = "[PEER] [RANGE]", arity = "0..2",
            description = "Whose, self if not given; and which, all if not given.")
    private List<String> words = List.of();

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        Peer peer;
        String range;
        if (words.size() == 2) {
            peer = root().reach().peer(words.getFirst());
            range = words.getLast();
        } else if (words.isEmpty()) {
            peer = root().reach().own();
            range = "";
        } else if (isRange(words.getFirst())) {
            peer = root().reach().own();
            range = words.getFirst();
        } else {
            peer = root().reach().peer(words.getFirst());
            range = "";
        }
        Operations operations = Operations.of(peer);
        if (!operations.told()) {
            say(peer.name() + " does not tell its operations; these are the ones known here");
        }
        print(select(operations, range));
    }

    /** A single word is a range if it looks like one or is a table of this home's node. */
    private boolean isRange(String word) throws Refused, IOException, InterruptedException {
        if (word.startsWith("0x") || word.contains(".")) {
            return true;
        }
        return root().client().running() && Operations.of(root().reach().own()).tables().stream()
                .anyMatch(table -> table.name().equals(word));
    }

    private static List<Catalogue> select(Operations operations, String range)
            throws Failure, Refused, IOException, InterruptedException {
        List<Catalogue> chosen = new ArrayList<>();
        if (range.matches("0[xX][0-9a-fA-F]{1,4}(-0[xX][0-9a-fA-F]{1,4})?")) {
            String[] ends = range.split("-");
            int first = Integer.decode(ends[0]);
            int last = Integer.decode(ends[ends.length - 1]);
            for (TableRange table : operations.tables()) {
                if (table.first() <= last && first <= table.last()) {
                    List<OperationInfo> rows = operations.catalogue(table.name()).stream()
                            .filter(row -> row.code() >= first && row.code() <= last).toList();
                    if (!rows.isEmpty()) {
                        chosen.add(new Catalogue(table.name(), rows));
                    }
                }
            }
            if (chosen.isEmpty()) {
                throw new Failure("%s: no operation there".formatted(range));
            }
            return chosen;
        }
        for (TableRange table : operations.tables()) {
            if (range.isEmpty() || range.equals(table.name())) {
                chosen.add(new Catalogue(table.name(), operations.catalogue(table.name())));
            }
        }
        if (chosen.isEmpty()) {
            OperationInfo found = operations.find(range).info().orElseThrow();
            chosen.add(new Catalogue(found.command().substring(0, found.command().indexOf('.')),
                    List.of(found)));
        }
        return chosen;
    }

    private void print(List<Catalogue> catalogues) {
        if (json()) {
            PayloadCodec<Catalogue> codec = PayloadCodec.of(Catalogue.class);
            out().println(Json.line(catalogues.stream().map(catalogue ->
                    Answer.named(codec.encode(catalogue).toMap(), codec.shape())).toList()));
            return;
        }
        boolean one = catalogues.size() == 1 && catalogues.getFirst().operations().size() == 1;
        for (Catalogue catalogue : catalogues) {
            for (OperationInfo row : catalogue.operations()) {
                out().println("0x%04X  %-28s %s%s".formatted(row.code(), row.command(), row.summary(),
                        traits(row)));
                if (one) {
                    describe(row);
                } else {
                    brief(row);
                }
            }
        }
    }

    private static String traits(OperationInfo row) {
        List<String> traits = new ArrayList<>();
        if (!row.kind().equals("call")) {
            traits.add(row.kind());
        }
        if (row.floor() != 3) {
            traits.add("from tier " + row.floor());
        }
        if (row.followed()) {
            traits.add("can be watched");
        }
        if (!row.served()) {
            traits.add("not served");
        }
        return traits.isEmpty() ? "" : " (" + String.join(", ", traits) + ")";
    }

    private void brief(OperationInfo row) {
        if (!row.request().fields().isEmpty() || row.request().open()) {
            out().println("        " + row.request().cddl());
        }
        if (!row.answer().fields().isEmpty() || row.answer().open()) {
            out().println("     -> " + row.answer().cddl());
        }
    }

    private void describe(OperationInfo row) {
        fields("takes", row.request());
        fields(row.kind().equals("event") ? "tells" : "answers", row.answer());
        out().println();
        out().println("myclerk %s PEER %s%s".formatted(row.followed() || row.kind().equals("event") ? "watch"
                : "call",
                row.command(), row.request().fields().stream().filter(field -> !field.optional())
                        .map(field -> " %s=…".formatted(field.name())).reduce("", String::concat)));
    }

    private void fields(String verb, Shape shape) {
        if (shape.fields().isEmpty() && !shape.open()) {
            out().println("  %s nothing".formatted(verb));
            return;
        }
        out().println("  " + verb);
        Table table = new Table("    FIELD", "TYPE", "", "");
        for (Shape.Field field : shape.fields()) {
            Shape alone = new Shape(List.of(new Shape.Field("x", field.type(), false, false, "")), false);
            String type = alone.cddl().replaceAll("^\\{ x: | }$", "");
            table.row("    " + field.name(), type, field.optional() ? "optional" : "", field.help());
        }
        if (shape.open()) {
            table.row("    any", "any", "optional", "");
        }
        table.print(out());
    }
}
