package org.myclerk.vendor.node;

import java.util.List;

import org.myclerk.api.guard.Step;

/** A decision, rule by rule. */
public record Reasons(boolean allowed, List<Step> steps) {
}
