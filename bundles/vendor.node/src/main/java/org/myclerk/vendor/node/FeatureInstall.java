package org.myclerk.vendor.node;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/**
 * Installs features by their names or from files that were sent before ({@link FileSend}), by their SHA-256.
 */
public record FeatureInstall(@Size(max = 64) List<String> names, @Size(max = 64) List<Bytes> files,
        @Help("take bundles that no trusted vendor signed") Optional<Boolean> allowUnsigned) {
}
