package org.myclerk.op.gpio;

import java.util.List;

/** The GPIO and PWM chips of a node that the caller may see, in the order of their ids. */
public record ChipList(List<ChipInfo> chips) {
}
