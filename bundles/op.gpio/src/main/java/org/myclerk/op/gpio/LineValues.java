package org.myclerk.op.gpio;

import java.util.List;

/** The values of the lines that were asked for, in that order; true is active. */
public record LineValues(List<Boolean> values) {
}
