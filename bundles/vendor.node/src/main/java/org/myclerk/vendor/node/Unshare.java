package org.myclerk.vendor.node;

import java.util.List;

import org.myclerk.api.guard.Subject;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Takes rights on a device back. */
public record Unshare(@Size(min = 1, max = 128) @Help("its id") String device,
        @Size(max = 256) @Help("none for everybody") List<Subject> from) {
}
