package org.myclerk.runtime.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.ServiceLoader;

import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.store.Store;
import org.myclerk.core.trust.Home;
import org.myclerk.vendor.node.Backup;
import org.myclerk.vendor.node.NodeOperations;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Writes a backup of the home. */
@Command(name = "backup",
        description = "Write a backup of this home, keys included, whether its node runs or not.",
        footer = {"",
        "myclerk restore FILE brings it back. Whoever has the file is this node: keep it safe."})
final class BackupCommand extends Task {

    private static final CallOptions PATIENT = new CallOptions(null, Duration.ofMinutes(10));

    @Parameters(paramLabel = "FILE", description = "A file that does not exist yet.")
    private Path file;

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        Path absolute = file.toAbsolutePath().normalize();
        if (Files.exists(absolute)) {
            throw new FileAlreadyExistsException(file.toString());
        }
        if (root().client().running()) {
            root().reach().own().call(NodeOperations.NODE_BACKUP, new Backup(absolute.toString()), PATIENT);
        } else {
            root().close();
            stopped(absolute);
        }
        if (json()) {
            out().println(Json.line(Map.of("file", absolute.toString())));
        } else {
            out().println("wrote %s; whoever has it is this node, keep it safe".formatted(file));
        }
    }

    /** What the node would do. */
    private void stopped(Path absolute) throws Failure, IOException {
        Home home = Home.open(root().home());
        Store store = ServiceLoader.load(Store.Provider.class, Store.Provider.class.getClassLoader())
                .findFirst()
                .orElseThrow(() -> new Failure("org.myclerk.store is not on the class path"))
                .open(home.storeFile());
        try {
            home.backup(absolute, store);
        } finally {
            close(store);
        }
    }

    private static void close(Store store) throws IOException {
        if (store instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception failed) {
                throw new IOException("the store did not close: " + failed.getMessage(), failed);
            }
        }
    }
}
