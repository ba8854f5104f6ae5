package org.myclerk.runtime.cli;

import java.io.IOException;
import java.nio.file.Path;

import org.myclerk.api.client.Client;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.payload.PayloadCodec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What all commands share: options that may stand anywhere, streams, and the client of the home. */
@Command(name = "myclerk", synopsisSubcommandLabel = "COMMAND",
        description = "Runs a MyClerk node and talks to others.",
        footer = {"", "Two commands to a running node:", "  myclerk up", "  myclerk join INVITATION",
            "", "More on one command: myclerk COMMAND --help"})
final class Root implements AutoCloseable {

    private static final String HOME = "MYCLERK_HOME";

    private final Streams streams;
    private Client client;
    private Reach reach;

    @Option(names = "--home", paramLabel = "DIR", scope = ScopeType.INHERIT,
            description = "The home to act for: $MYCLERK_HOME, or ~/.myclerk.")
    private Path home;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "Print JSON.")
    private boolean json;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show where an error comes from.")
    private boolean debug;

    @Option(names = {"-h", "--help"}, usageHelp = true, scope = ScopeType.INHERIT,
            description = "Show this help.")
    private boolean help;

    @Option(names = {"-V", "--version"}, versionHelp = true, description = "Show the version.")
    private boolean version;

    Root(Streams streams) {
        this.streams = streams;
    }

    Path home() {
        if (home != null) {
            return home.toAbsolutePath().normalize();
        }
        String variable = streams.environment().get(HOME);
        return variable != null && !variable.isEmpty() ? Path.of(variable).toAbsolutePath().normalize()
                : Path.of(System.getProperty("user.home"), ".myclerk");
    }

    void home(Path chosen) {
        home = chosen;
    }

    boolean json() {
        return json;
    }

    boolean debug() {
        return debug;
    }

    Streams streams() {
        return streams;
    }

    /** The client of the home, opened when first asked for. */
    Client client() throws IOException {
        if (client == null) {
            client = Client.open(home());
        }
        return client;
    }

    /** The way to peers. */
    Reach reach() throws IOException {
        if (reach == null) {
            reach = new Reach(client());
        }
        return reach;
    }

    /** Prints an answer as one line of JSON. */
    <A> void print(Operation<?, A> operation, A answer) {
        print(operation.answer(), answer);
    }

    /** Prints a payload record as one line of JSON. */
    <T> void print(PayloadCodec<T> codec, T value) {
        streams.out().println(Json.line(Answer.named(codec.encode(value).toMap(), codec.shape())));
    }

    @Override
    public void close() {
        if (client != null) {
            client.close();
            client = null;
        }
        if (reach != null) {
            reach.close();
            reach = null;
        }
    }
}
