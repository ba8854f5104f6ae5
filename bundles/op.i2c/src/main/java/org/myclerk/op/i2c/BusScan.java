package org.myclerk.op.i2c;

import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/** Asks who is on a bus, without writing to anybody: a byte is received from each address. */
public record BusScan(@Device @Size(min = 1, max = 128) @Help("id of the bus, as listed") String bus,
        @Range(max = 0x7F) @Help("first address; 0x08 if left out") Optional<Integer> first,
        @Range(max = 0x7F) @Help("last address; 0x77 if left out") Optional<Integer> last) {
}
