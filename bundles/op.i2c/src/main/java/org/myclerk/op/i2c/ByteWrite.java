package org.myclerk.op.i2c;

import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/** A byte for a target: into a register, or alone. */
public record ByteWrite(@Device @Size(min = 1, max = 128) @Help("id of the bus, as listed") String bus,
        @Range(max = 0x7F) @Help("7-bit address of the target") int address,
        @Range(max = 0xFF) @Help("register; the byte alone if left out") Optional<Integer> register,
        @Range(max = 0xFF) @Help("the byte") int value,
        @Help("with a packet error code") Optional<Boolean> pec) {
}
