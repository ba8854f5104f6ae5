package org.myclerk.runtime.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.None;
import org.myclerk.vendor.node.NodeOperations;
import picocli.CommandLine.Option;

/** The passphrase of the root key, from a file or asked for: an option of all commands that use the key. */
final class RootPassphrase {

    @Option(names = "--passphrase-file", paramLabel = "FILE",
            description = "Its first line is the passphrase of the root key.")
    private Optional<Path> file;

    /** That of the root key that the node has, if it is under one. */
    Optional<String> at(Peer node) throws Failure, Refused, IOException, InterruptedException {
        if (file.isPresent()) {
            return Optional.of(read(file.get()));
        }
        return node.call(NodeOperations.NODE_FAMILY, None.NONE).rootLocked()
                ? Optional.of(ask("Passphrase of the family's root key: ", "--passphrase-file FILE"))
                : Optional.empty();
    }

    /** A new passphrase, typed twice. */
    static String fresh(Optional<Path> file) throws Failure, IOException {
        if (file.isPresent()) {
            return read(file.get());
        }
        String once = ask("New passphrase: ", "--new-passphrase-file FILE");
        if (!once.equals(ask("The same again: ", "--new-passphrase-file FILE"))) {
            throw new Failure("the two passphrases differ, nothing was changed");
        }
        return once;
    }

    private static String ask(String prompt, String otherwise) throws Failure {
        Console console = System.console();
        if (console == null || !console.isTerminal()) {
            throw new Failure(
                    "the root key is under a passphrase and there is no terminal to ask for it, use "
                    + otherwise);
        }
        char[] typed = console.readPassword("%s", prompt);
        if (typed == null || typed.length == 0) {
            throw new Failure("no passphrase was given, nothing was done");
        }
        return new String(typed);
    }

    private static String read(Path file) throws Failure, IOException {
        String line = Files.readString(file).lines().findFirst().orElse("");
        if (line.isEmpty()) {
            throw new Failure(file + ": its first line should be the passphrase, and is empty");
        }
        return line;
    }
}
