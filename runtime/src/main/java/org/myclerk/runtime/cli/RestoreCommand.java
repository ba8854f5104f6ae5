package org.myclerk.runtime.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

import org.myclerk.core.trust.Home;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Makes a home of a backup. */
@Command(name = "restore",
        description = "Make the home of a backup; the home must not exist yet, or be empty.",
        footer = {"",
        "Never run the old node and the restored one at the same time: they are the same node."})
final class RestoreCommand extends Task {

    @Parameters(paramLabel = "FILE", description = "What myclerk backup wrote.")
    private Path file;

    @Override
    void run() throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        Home home = Home.restore(file, root().home());
        if (json()) {
            out().println(Json.line(Map.of("home", home.folder().toString())));
        } else {
            out().println("restored in %s; start it with myclerk up".formatted(home.folder()));
        }
    }
}
