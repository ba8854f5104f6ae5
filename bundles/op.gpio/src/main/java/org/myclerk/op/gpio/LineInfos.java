package org.myclerk.op.gpio;

import java.util.List;

/** Lines of a chip, in the order of their numbers. */
public record LineInfos(List<LineInfo> lines) {
}
