package org.myclerk.runtime.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.None;
import org.myclerk.runtime.Refusal;
import org.myclerk.runtime.Signature;
import org.myclerk.vendor.node.FeatureBundle;
import org.myclerk.vendor.node.FeatureHistory;
import org.myclerk.vendor.node.FeatureInfo;
import org.myclerk.vendor.node.FeatureInstall;
import org.myclerk.vendor.node.FeatureJob;
import org.myclerk.vendor.node.FeatureList;
import org.myclerk.vendor.node.FeatureName;
import org.myclerk.vendor.node.FeatureOutcome;
import org.myclerk.vendor.node.FeatureRemove;
import org.myclerk.vendor.node.FeatureState;
import org.myclerk.vendor.node.FeatureStep;
import org.myclerk.vendor.node.FileSend;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.Vendor;
import org.myclerk.vendor.node.VendorName;
import org.myclerk.vendor.node.Vendors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists, installs, upgrades and removes the features of a node. */
@Command(name = "features", description = "List the features of a node, or install, upgrade or remove some.",
        subcommands = {FeaturesCommand.ListThem.class, FeaturesCommand.Info.class,
        FeaturesCommand.Install.class,
            FeaturesCommand.Remove.class, FeaturesCommand.Upgrade.class, FeaturesCommand.Rollback.class,
            FeaturesCommand.History.class, FeaturesCommand.Trust.class})
final class FeaturesCommand extends NodeTask {

    private static final int CREDIT = 64;
    private static final int PIECE = 128 * 1024;

    /** How long a change may take, and how long a node may be away while its own bundles are replaced. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Duration AWAY = Duration.ofMinutes(1);

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        list(this);
    }

    private static void list(NodeTask task) throws Failure, Refused, IOException, InterruptedException {
        FeatureList features = task.node().call(NodeOperations.NODE_FEATURES, None.NONE);
        if (task.json()) {
            task.root().print(NodeOperations.NODE_FEATURES, features);
            return;
        }
        Table table = new Table("FEATURE", "VERSION", "STATE", "WHAT IT IS");
        for (FeatureState feature : features.features()) {
            table.row(feature.name(), feature.version(), word(feature), feature.description());
        }
        table.print(task.out());
    }

    private static String word(FeatureState feature) {
        if (!feature.installed()) {
            return "-";
        }
        return (feature.chosen() ? "installed" : "needed") + (feature.outside() ? ", from outside" : "")
                + (feature.problem().isPresent() ? ", does not run" : "");
    }

    /**
     * Makes a change and tells its steps; goes on when the session ends because its own bundles are replaced.
     */
    private static <Q> void change(NodeTask task, Operation<Q, FeatureStep> operation, Q request)
            throws Failure, Refused, IOException, InterruptedException {
        Optional<String> job = Optional.empty();
        boolean done = false;
        try (Followed<FeatureStep> steps = task.node().follow(operation, request, CREDIT,
                new CallOptions(null, PATIENCE))) {
            for (FeatureStep step = steps.next(); step != null; step = steps.next()) {
                job = Optional.of(step.job());
                done = step.done();
                if (task.json()) {
                    task.root().print(operation, step);
                } else if (!step.done()) {
                    task.say(step.step());
                }
            }
            if (!done && job.isPresent()) {
                outcome(task, job.get());
            }
        } catch (IOException | Refused ended) {
            if (job.isEmpty() || ended instanceof Refused refused && !refused.code().equals(
                    ErrorCode.SERVICE_UNAVAILABLE)) {
                throw ended;
            }
            task.say("the node replaces what carries this session; waiting for it");
            outcome(task, job.get());
        }
    }

    /** Waits until a change is done whose session has ended. */
    private static void outcome(NodeTask task, String job) throws Failure, Refused, IOException,
            InterruptedException {
        Instant end = Instant.now().plus(AWAY);
        while (true) {
            try {
                FeatureOutcome outcome = task.node().call(NodeOperations.NODE_FEATURE_OUTCOME,
                        new FeatureJob(job));
                if (outcome.failure().isPresent()) {
                    throw new Failure(outcome.failure().get());
                }
                if (outcome.done()) {
                    return;
                }
            } catch (IOException | Refused away) {
                if (Instant.now().isAfter(end)) {
                    throw away;
                }
            }
            Thread.sleep(Duration.ofMillis(200));
        }
    }

    /** Sends the files among the words; what is not a file is a name. */
    private static FeatureInstall request(NodeTask task, List<String> words, boolean allowUnsigned)
            throws Failure, Refused, IOException, InterruptedException {
        List<String> names = new ArrayList<>();
        List<Bytes> files = new ArrayList<>();
        for (String word : words) {
            boolean file = word.endsWith(".jar") || word.endsWith(".json");
            if (file) {
                Path path = Path.of(word);
                if (!Files.isRegularFile(path)) {
                    throw new Failure("%s: there is no such file".formatted(word));
                }
                files.add(send(task, path));
            } else {
                names.add(word);
            }
        }
        if (!names.isEmpty() && !files.isEmpty()) {
            throw Failure.usage("name features or files, not both at once");
        }
        return new FeatureInstall(names, files, allowUnsigned ? Optional.of(true) : Optional.empty());
    }

    private static Bytes send(NodeTask task, Path file) throws Failure, Refused, IOException,
            InterruptedException {
        Peer node = task.node();
        Bytes digest = digest(file);
        long size = Files.size(file);
        try (InputStream in = Files.newInputStream(file)) {
            long offset = 0;
            for (byte[] piece = in.readNBytes(PIECE); piece.length > 0; piece = in.readNBytes(PIECE)) {
                offset = node.call(NodeOperations.NODE_FILE_SEND,
                        new FileSend(digest, file.getFileName().toString(),
                        size, offset, Bytes.wrap(piece))).size();
            }
        }
        return digest;
    }

    private static Bytes digest(Path file) throws IOException {
        try {
            return Bytes.wrap(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** {@code features list}. */
    @Command(name = "list", description = "List the features.")
    static final class ListThem extends NodeTask {

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            list(this);
        }
    }

    /** {@code features info}. */
    @Command(name = "info", description = "Describe a feature: its bundles, who signed them, what needs it.")
    static final class Info extends NodeTask {

        @Parameters(paramLabel = "FEATURE", description = "Its name, as listed.")
        private String name;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            FeatureInfo info = node().call(NodeOperations.NODE_FEATURE, new FeatureName(name));
            if (json()) {
                root().print(NodeOperations.NODE_FEATURE, info);
                return;
            }
            out().println("%s %s: %s".formatted(info.state().name(), info.state().version(),
                    info.state().description()));
            out().println("state      " + word(info.state()));
            info.state().problem().ifPresent(problem -> out().println("problem    " + problem));
            out().println("needs      " + words(info.requires()));
            out().println("needed by  " + words(info.requiredBy()));
            for (FeatureBundle bundle : info.bundles()) {
                out().println("bundle     %s %s%s%s%s".formatted(bundle.name(), bundle.version(),
                        bundle.running() ? ", runs" : "",
                        bundle.operations().isEmpty() ? "" : ", serves "
                        + String.join(", ", bundle.operations()),
                        bundle.signers().isEmpty() ? "" : ", signed by "
                        + String.join(", ", bundle.signers())));
            }
        }

        private static String words(List<String> names) {
            return names.isEmpty() ? "-" : String.join(", ", names);
        }
    }

    /** {@code features install}. */
    @Command(name = "install", description = "Install features of the distribution, or from files.")
    static final class Install extends NodeTask {

        @Parameters(arity = "1..*", paramLabel = "FEATURE|FILE",
                description =
                "Names, as listed; or a bundle (.jar), or a feature file (.json) with its bundles.")
        private List<String> what;

        @Option(names = "--allow-unsigned", description = "Take bundles that no trusted vendor signed.")
        private boolean allowUnsigned;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            change(this, NodeOperations.NODE_FEATURE_INSTALL, request(this, what, allowUnsigned));
        }
    }

    /** {@code features remove}. */
    @Command(name = "remove", description = "Remove features; bundles that others share stay.")
    static final class Remove extends NodeTask {

        @Parameters(arity = "1..*", paramLabel = "FEATURE", description = "Their names, as listed.")
        private List<String> names;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            change(this, NodeOperations.NODE_FEATURE_REMOVE, new FeatureRemove(names));
        }
    }

    /** {@code features upgrade}. */
    @Command(name = "upgrade",
            description = "Bring features to the versions of the distribution, or of files.")
    static final class Upgrade extends NodeTask {

        @Parameters(arity = "0..*", paramLabel = "FILE",
                description = "Bundles (.jar), or feature files with theirs.")
        private List<String> files = List.of();

        @Option(names = "--allow-unsigned", description = "Take bundles that no trusted vendor signed.")
        private boolean allowUnsigned;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            FeatureInstall request = request(this, files, allowUnsigned);
            if (!request.names().isEmpty()) {
                throw Failure.usage(
                        "%s is no file; upgrade without one takes what the distribution has".formatted(
                        request.names().getFirst()));
            }
            change(this, NodeOperations.NODE_FEATURE_UPGRADE, request);
        }
    }

    /** {@code features rollback}. */
    @Command(name = "rollback", description = "Take the last change back.")
    static final class Rollback extends NodeTask {

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            change(this, NodeOperations.NODE_FEATURE_ROLLBACK, None.NONE);
        }
    }

    /** {@code features history}. */
    @Command(name = "history", description = "List the last changes, oldest first.")
    static final class History extends NodeTask {

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            FeatureHistory history = node().call(NodeOperations.NODE_FEATURE_HISTORY, None.NONE);
            if (json()) {
                root().print(NodeOperations.NODE_FEATURE_HISTORY, history);
                return;
            }
            Table table = new Table("WHEN", "CHANGE");
            history.changes().forEach(change -> table.row(When.ago(change.at()), change.change()));
            if (table.isEmpty()) {
                say("nothing was changed yet");
            } else {
                table.print(out());
            }
        }
    }

    /** {@code features trust}. */
    @Command(name = "trust",
            description = "Trust the bundles of a vendor; without a name, list who is trusted.")
    static final class Trust extends NodeTask {

        @Parameters(arity = "0..1", paramLabel = "FINGERPRINT|FILE",
                description =
                "SHA-256 of the vendor's certificate, or a certificate or signed jar of the vendor.")
        private String who;

        @Option(names = "--not", description = "Trust that vendor no more; what is installed stays.")
        private boolean not;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            if (who == null) {
                print(node().call(NodeOperations.NODE_VENDORS, None.NONE));
                return;
            }
            Vendor vendor = who.matches("[0-9A-Fa-f:]{64,95}") ? new Vendor(who, "") : vendor(Path.of(who));
            if (not) {
                node().call(NodeOperations.NODE_VENDOR_DISTRUST, new VendorName(vendor.fingerprint()));
            } else {
                node().call(NodeOperations.NODE_VENDOR_TRUST, vendor);
            }
            print(node().call(NodeOperations.NODE_VENDORS, None.NONE));
        }

        private void print(Vendors vendors) {
            if (json()) {
                root().print(NodeOperations.NODE_VENDORS, vendors);
                return;
            }
            Table table = new Table("FINGERPRINT", "VENDOR");
            vendors.vendors().forEach(vendor -> table.row(vendor.fingerprint(), vendor.name()));
            if (table.isEmpty()) {
                say("no vendor is trusted");
            } else {
                table.print(out());
            }
        }

        private static Vendor vendor(Path file) throws Failure, IOException {
            if (!Files.isRegularFile(file)) {
                throw new Failure("%s: neither a fingerprint (64 hexadecimal digits) nor a file".formatted(
                        file));
            }
            Signature signature = file.toString().endsWith(".jar") ? ofJar(file) : ofCertificate(file);
            return new Vendor(signature.fingerprint(), signature.name());
        }

        private static Signature ofJar(Path file) throws Failure {
            try {
                return Signature.of(file).values().stream().findFirst()
                        .orElseThrow(() -> new Failure("%s is not signed".formatted(file)));
            } catch (Refusal refusal) {
                throw new Failure(refusal.getMessage());
            }
        }

        private static Signature ofCertificate(Path file) throws Failure, IOException {
            try (InputStream in = Files.newInputStream(file)) {
                return Signature.of(CertificateFactory.getInstance("X.509").generateCertificate(in));
            } catch (CertificateException e) {
                throw new Failure("%s is no certificate".formatted(file), e);
            }
        }
    }
}
