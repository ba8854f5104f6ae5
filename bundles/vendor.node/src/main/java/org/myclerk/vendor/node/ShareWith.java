package org.myclerk.vendor.node;

import java.util.List;

import org.myclerk.api.guard.Grant;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Shares devices, all of it or nothing. */
public record ShareWith(@Size(min = 1, max = 256) @Help("each replaces the one of its device and subject")
        List<Grant> grants) {
}
