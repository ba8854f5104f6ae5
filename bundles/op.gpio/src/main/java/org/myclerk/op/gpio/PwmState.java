package org.myclerk.op.gpio;

/** How a PWM channel runs. */
public record PwmState(long periodNanos, long dutyNanos, boolean inversed, boolean enabled) {
}
