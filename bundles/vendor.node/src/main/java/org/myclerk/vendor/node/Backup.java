package org.myclerk.vendor.node;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Where the node writes a backup of its home. */
public record Backup(@Size(min = 1,
        max = 4096) @Help("absolute path of a file that does not exist yet") String path) {
}
