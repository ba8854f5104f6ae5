package org.myclerk.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonWriter;
import jakarta.json.stream.JsonGenerator;

/** What a run has found, as a table for people and as JSON, from which {@link Pages} makes the rest. */
final class Report {

    private final String form;
    private final int rounds;
    private final List<Row> rows = new ArrayList<>();
    private final Map<String, Map<String, String>> curves = new LinkedHashMap<>();
    private final Map<String, Map<String, Map<Integer, Double>>> points = new LinkedHashMap<>();
    private final Map<String, Double> parts = new LinkedHashMap<>();

    Report(String form, int rounds) {
        this.form = form;
        this.rounds = rounds;
    }

    void add(Row row) {
        rows.add(row);
        System.out.println("  " + line(row));
    }

    List<Row> rows() {
        return rows;
    }

    /** The latencies of one contender: {@code share:nanoseconds,…}. */
    void curve(String picture, String name, String curve) {
        curves.computeIfAbsent(picture, _ -> new LinkedHashMap<>()).put(name, curve);
    }

    /** @param rate operations in a second of CPU time */
    void point(String picture, String name, int x, double rate) {
        points.computeIfAbsent(picture, _ -> new LinkedHashMap<>())
                .computeIfAbsent(name, _ -> new TreeMap<>())
                .put(x, rate);
    }

    /** A part by itself, in nanoseconds. */
    void part(String name, double nanos) {
        parts.put(name, nanos);
    }

    private static String line(Row row) {
        return "%-44s %-34s %10s %10s %7s (%s-%s) %-7s %s".formatted(row.work(), row.against(), row.ours(),
                row.theirs(),
                Row.number(row.ratio()), Row.number(row.low()), Row.number(row.high()), row.boundWords(),
                row.bounded() ? row.kept() ? "kept" : "MISSED" : "");
    }

    String table() {
        StringBuilder text = new StringBuilder("%n%-44s %-34s %10s %10s %s%n".formatted("work", "against",
                "ours",
                "theirs", "ratio (quartiles) bound"));
        rows.forEach(row -> text.append(line(row)).append(System.lineSeparator()));
        parts.forEach((name, nanos) -> text.append("%-79s %10.0f ns%n".formatted(name, nanos)));
        return text.toString();
    }

    private static String first(Path file, String key) {
        try {
            return Files.readAllLines(file).stream().filter(line -> line.startsWith(key)).findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).replace("\"", "").strip())
                    .orElse("unknown");
        } catch (IOException other) {
            return "unknown";
        }
    }

    private JsonObject json() {
        JsonArrayBuilder table = Json.createArrayBuilder();
        for (Row row : rows) {
            JsonObjectBuilder one = Json.createObjectBuilder().add("work", row.work())
                    .add("against", row.against())
                    .add("ours", row.ours()).add("theirs", row.theirs()).add("ratio", row.ratio())
                    .add("low", row.low()).add("high", row.high());
            if (row.bounded()) {
                one.add("bound", row.bound()).add("atLeast", row.atLeast());
            }
            table.add(one);
        }
        JsonObjectBuilder lines = Json.createObjectBuilder();
        curves.forEach((picture, all) -> {
            JsonObjectBuilder one = Json.createObjectBuilder();
            all.forEach(one::add);
            lines.add(picture, one);
        });
        JsonObjectBuilder charts = Json.createObjectBuilder();
        points.forEach((picture, all) -> {
            JsonObjectBuilder one = Json.createObjectBuilder();
            all.forEach((name, values) -> {
                JsonObjectBuilder line = Json.createObjectBuilder();
                values.forEach((x, y) -> line.add(Integer.toString(x), y));
                one.add(name, line);
            });
            charts.add(picture, one);
        });
        JsonObjectBuilder alone = Json.createObjectBuilder();
        parts.forEach(alone::add);
        return Json.createObjectBuilder().add("form", form).add("rounds", rounds)
                .add("date", LocalDate.now().toString())
                .add("processor", first(Path.of("/proc/cpuinfo"), "model name"))
                .add("cores", Runtime.getRuntime().availableProcessors())
                .add("system", System.getProperty("os.name") + " " + System.getProperty("os.version"))
                .add("java", System.getProperty("java.vm.name") + " "
                + System.getProperty("java.runtime.version"))
                .add("load", ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage())
                .add("rows", table).add("curves", lines).add("points", charts).add("parts", alone).build();
    }

    /** Writes {@code result.json} and what {@link Pages} makes of it. */
    void write(Path output) throws IOException {
        Files.createDirectories(output);
        Path file = output.resolve("result.json");
        try (JsonWriter writer = Json.createWriterFactory(Map.of(JsonGenerator.PRETTY_PRINTING, true))
                .createWriter(Files.newBufferedWriter(file))) {
            writer.writeObject(json());
        }
        new Pages(file).write(output);
    }
}
