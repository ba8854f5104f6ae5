package org.myclerk.op.onewire;

/** Whether any device answered a reset pulse. */
public record Presence(boolean present) {
}
