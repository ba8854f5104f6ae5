package org.myclerk.runtime.cli;

import java.util.LinkedHashMap;
import java.util.Map;

import picocli.CommandLine.Command;

/** Tells the version. */
@Command(name = "version", description = "Show the version.")
final class VersionCommand extends Task {

    static String line() {
        return "myclerk " + version();
    }

    private static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "of a development tree" : version;
    }

    @Override
    void run() {
        if (json()) {
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("version", version());
            told.put("profile", 1L);
            told.put("java", Runtime.version().toString());
            out().println(Json.line(told));
        } else {
            out().println(line());
        }
    }
}
