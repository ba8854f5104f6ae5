package org.myclerk.op.serial;

/** The control lines of a port; true is asserted. */
public record ControlLines(boolean dtr, boolean rts, boolean cts, boolean dsr, boolean dcd, boolean ri) {
}
