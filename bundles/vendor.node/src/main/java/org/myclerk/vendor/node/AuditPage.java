package org.myclerk.vendor.node;

import java.util.Optional;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/** Which part of the audit is wanted. */
public record AuditPage(@Range(min = 1) @Help("entries before the one of that number") Optional<Long> before,
        @Range(min = 1, max = 500) @Help("at most so many, 50 if not given") Optional<Integer> limit,
        @Size(max = 128) @Help("only those about this device") Optional<String> device) {
}
