package org.myclerk.device.serial;

/** The state of a port's control lines (TIA-232); true is asserted. */
public record SerialLines(boolean dtr, boolean rts, boolean cts, boolean dsr, boolean dcd, boolean ri) {
}
