package org.myclerk.vendor.conformance;

import java.util.Optional;

import org.myclerk.api.payload.Range;

/** The answer, without a number, and each event, with its number, counted from 0. */
public record Counted(@Range(max = 999_999) Optional<Integer> i) {
}
