package org.myclerk.runtime.cli;

import java.util.List;

import org.myclerk.runtime.NodeMain;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Tells how {@code up} is used; {@link NodeMain} reads its options itself. */
@Command(name = "up", description = "Run the node of this home in the foreground, until it is interrupted.",
        footer = {"",
        "Prints \"ready tcp HOST:PORT\" once it answers. The first run in an empty home founds a family."})
final class UpCommand extends Task {

    @Option(names = "--listen", paramLabel = "HOST:PORT",
            description = "Where to listen: [::]:5657 if not given; port 0 picks a free one.")
    private List<String> listen = List.of();

    @Option(names = "--features", paramLabel = "A,B,…", description = "What to run, this time.")
    private List<String> features = List.of();

    @Option(names = "--set", paramLabel = "KEY=VALUE",
            description = "A setting, this time, such as log.level=debug.")
    private List<String> settings = List.of();

    @Override
    void run() throws InterruptedException {
        List<String> words = new java.util.ArrayList<>(List.of("up", "--home", root().home().toString()));
        listen.forEach(each -> words.addAll(List.of("--listen", each)));
        features.forEach(each -> words.addAll(List.of("--features", each)));
        settings.forEach(each -> words.addAll(List.of("--set", each)));
        NodeMain.main(words.toArray(String[]::new));
    }
}
