package org.myclerk.vendor.node;

import java.util.List;

import org.myclerk.api.guard.Audit;

/** Entries of the audit, the newest first. */
public record AuditEntries(List<Audit.Entry> entries) {
}
