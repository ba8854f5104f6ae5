package org.myclerk.op.i2c;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/** Bytes for the registers of a target, from one on. */
public record BlockWrite(@Device @Size(min = 1, max = 128) @Help("id of the bus, as listed") String bus,
        @Range(max = 0x7F) @Help("7-bit address of the target") int address,
        @Range(max = 0xFF) @Help("register of the target") int register,
        @Size(min = 1, max = 8191) @Help("the bytes") Bytes data) {
}
