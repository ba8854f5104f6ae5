package org.myclerk.op.spi;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/** Asks for bytes; zeros go out meanwhile. */
public record SpiRead(@Device @Size(min = 1, max = 128) @Help("id of the device, as listed") String device,
        @Range(min = 1, max = 1_000_000) @Help("how many bytes") int length) {
}
