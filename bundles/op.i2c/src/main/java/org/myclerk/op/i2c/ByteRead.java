package org.myclerk.op.i2c;

import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/** Asks for a byte of a target: from a register, or the next. */
public record ByteRead(@Device @Size(min = 1, max = 128) @Help("id of the bus, as listed") String bus,
        @Range(max = 0x7F) @Help("7-bit address of the target") int address,
        @Range(max = 0xFF) @Help("register; the next byte if left out") Optional<Integer> register,
        @Help("with a packet error code") Optional<Boolean> pec) {
}
