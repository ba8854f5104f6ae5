package org.myclerk.vendor.node;

import java.util.List;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Size;

/** What a node says of itself; times in Unix seconds. */
public record NodeInfo(@Size(min = 16, max = 16) Bytes id, String name, String version,
        List<String> listening, List<String> tables, long started, long clock, boolean clockTrusted) {
}
