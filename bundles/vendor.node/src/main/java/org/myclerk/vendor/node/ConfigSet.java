package org.myclerk.vendor.node;

import java.util.List;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Sets a key, or takes it back to what holds by itself if there are no values. */
public record ConfigSet(@Help("such as org.myclerk.core.node") String pid, String key,
        @Size(max = 256) List<String> values) {
}
