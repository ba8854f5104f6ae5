package org.myclerk.op.onewire;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Bytes for what is selected. */
public record Write(@Device @Size(min = 1, max = 128) @Help("id of the bus, as listed") String bus,
        @Size(min = 1, max = 1000) @Help("what to send") Bytes data) {
}
