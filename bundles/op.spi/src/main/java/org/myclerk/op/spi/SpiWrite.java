package org.myclerk.op.spi;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Bytes to send; what comes in meanwhile is dropped. */
public record SpiWrite(@Device @Size(min = 1, max = 128) @Help("id of the device, as listed") String device,
        @Size(min = 1, max = 1_000_000) @Help("what to send") Bytes data) {
}
