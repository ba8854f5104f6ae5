package org.myclerk.op.i2c;

import java.util.List;

/**
 * Who is on a bus.
 *
 * @param targets addresses that answered
 * @param kernel addresses that a driver of the kernel has; they were left alone
 * @param skipped addresses that were left alone because receiving a byte there is known to do harm
 */
public record BusTargets(List<Integer> targets, List<Integer> kernel, List<Integer> skipped) {
}
