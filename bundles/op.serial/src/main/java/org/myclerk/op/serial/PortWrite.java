package org.myclerk.op.serial;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Bytes to send. */
public record PortWrite(@Device @Size(min = 1, max = 128) @Help("id of the port, as listed") String port,
        @Size(max = 1_000_000) @Help("what to send") Bytes data) {
}
