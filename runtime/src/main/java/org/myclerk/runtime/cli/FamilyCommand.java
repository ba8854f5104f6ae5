package org.myclerk.runtime.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

import org.myclerk.api.client.Peer;
import org.myclerk.api.node.Family;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.None;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.Passphrase;
import org.myclerk.vendor.node.RootAccess;
import org.myclerk.vendor.node.RootSeed;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the family and keeps its root key. */
@Command(name = "family", description = "Show the family, or look after its root key.",
        subcommands = {FamilyCommand.Show.class, FamilyCommand.SetPassphrase.class,
        FamilyCommand.ExportRoot.class,
            FamilyCommand.ForgetRoot.class, FamilyCommand.ImportRoot.class})
final class FamilyCommand extends Task {

    @Override
    void run() throws Refused, IOException, InterruptedException {
        show(this);
    }

    private static void show(Task task) throws Refused, IOException, InterruptedException {
        Family.State family = task.root().reach().own().call(NodeOperations.NODE_FAMILY, None.NONE);
        if (task.json()) {
            task.root().print(NodeOperations.NODE_FAMILY, family);
            return;
        }
        task.out().println("family       " + family.id().toHex());
        task.out().println("this node    %s (%s), %s".formatted(family.name(),
                String.join(", ", family.roles()),
                family.node().toHex()));
        task.out().println("certificate  until %s (%s left)".formatted(When.date(family.certificateExpires()),
                When.between(Instant.now(), Instant.ofEpochSecond(family.certificateExpires()))));
        task.out().println("root key     " + (!family.rootHere() ? "not here"
                : family.rootLocked() ? "here, under a passphrase" : "here, without a passphrase"));
        task.out().println("revocations  " + (family.revocations() == 0 ? "none"
                : "list " + family.revocations()));
        Table table = new Table("MEMBER", "NODE", "ROLES", "CERTIFICATE");
        for (Family.Member member : family.members()) {
            table.row(member.name(), member.id().toHex(), String.join(",", member.roles()),
                    member.revoked() ? "revoked" : "until " + When.date(member.expires()));
        }
        if (!table.isEmpty()) {
            task.out().println();
            table.print(task.out());
        }
    }

    /** {@code family show}. */
    @Command(name = "show", description = "Show the family and its members.")
    static final class Show extends Task {

        @Override
        void run() throws Refused, IOException, InterruptedException {
            show(this);
        }
    }

    /** {@code family passphrase}. */
    @Command(name = "passphrase",
            description = "Put the root key under a passphrase, change it, or remove it.")
    static final class SetPassphrase extends Task {

        @Option(names = "--remove", description = "Remove the passphrase.")
        private boolean remove;

        @Mixin
        private RootPassphrase passphrase;

        @Option(names = "--new-passphrase-file", paramLabel = "FILE",
                description = "Its first line is the new one.")
        private Optional<Path> newPassphraseFile;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            Peer node = root().reach().own();
            Optional<String> current = passphrase.at(node);
            Optional<String> next = remove ? Optional.empty()
                    : Optional.of(RootPassphrase.fresh(newPassphraseFile));
            node.call(NodeOperations.NODE_PASSPHRASE, new Passphrase(current, next));
            if (json()) {
                out().println("{}");
            } else {
                out().println(remove ? "the root key has no passphrase any more"
                        : "the root key is under the passphrase; inviting and revoking will ask for it");
            }
        }
    }

    /** {@code family export-root}. */
    @Command(name = "export-root",
            description = "Write the seed of the root key to a new file, 64 hexadecimal digits.")
    static final class ExportRoot extends Task {

        @Parameters(paramLabel = "FILE", description = "A file that does not exist yet.")
        private Path file;

        @Mixin
        private RootPassphrase passphrase;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            if (Files.exists(file)) {
                throw new FileAlreadyExistsException(file.toString());
            }
            say("whoever has this file can make members of the family: keep it offline, on paper or a stick");
            Peer node = root().reach().own();
            RootSeed seed = node.call(NodeOperations.NODE_ROOT_EXPORT,
                    new RootAccess(passphrase.at(node)));
            OwnerFile.create(file, (seed.seed().toHex() + "\n").getBytes(StandardCharsets.US_ASCII));
            if (json()) {
                out().println(Json.line(java.util.Map.of("file", file.toString())));
            } else {
                out().println("wrote " + file + ", readable by you alone");
            }
        }
    }

    /** {@code family forget-root}. */
    @Command(name = "forget-root",
            description = "Take the root key off this node; import-root brings it back.")
    static final class ForgetRoot extends Task {

        @Option(names = "--yes", description = "Do not ask.")
        private boolean yes;

        @Mixin
        private RootPassphrase passphrase;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            if (!yes) {
                confirm();
            }
            Peer node = root().reach().own();
            node.call(NodeOperations.NODE_ROOT_FORGET,
                    new RootAccess(passphrase.at(node)));
            if (json()) {
                out().println("{}");
            } else {
                out().println("the root key is off this node; invitations and revocations need it back");
            }
        }

        private static void confirm() throws Failure {
            Console console = System.console();
            if (console == null || !console.isTerminal()) {
                throw Failure.usage(
                        "forget-root loses the family if the key was not exported: add --yes if it was");
            }
            String answer = console.readLine("Without an exported copy the family can never invite again. "
                    + "Type yes to take the root key off: ");
            if (!"yes".equals(answer == null ? "" : answer.strip())) {
                throw new Failure("nothing was done");
            }
        }
    }

    /** {@code family import-root}. */
    @Command(name = "import-root",
            description = "Bring the root key back from the file that export-root wrote.")
    static final class ImportRoot extends Task {

        @Parameters(paramLabel = "FILE", description = "64 hexadecimal digits; - reads standard input.")
        private String file;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            byte[] text = file.equals("-") ? root().streams().in().readNBytes(4096)
                    : Files.readAllBytes(Path.of(file));
            String digits = new String(text, StandardCharsets.US_ASCII).strip().toLowerCase(Locale.ROOT);
            if (!digits.matches("[0-9a-f]{64}")) {
                throw new Failure("%s: is not a root key, 64 hexadecimal digits are one".formatted(file));
            }
            root().reach().own().call(NodeOperations.NODE_ROOT_IMPORT, new RootSeed(Bytes.ofHex(digits)));
            if (json()) {
                out().println("{}");
            } else {
                out().println("the root key is on this node");
            }
        }
    }
}
