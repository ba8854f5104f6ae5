package org.myclerk.vendor.node;

import java.util.Optional;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Which shares are wanted. */
public record SharesPage(@Size(max = 128) @Help("only those of this device") Optional<String> device,
        @Size(max = 128) @Help("begin after this device") Optional<String> after) {
}
