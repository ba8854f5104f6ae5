package org.myclerk.op.spi;

import java.util.List;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** One transfer: chip select is active over all segments, unless one says otherwise. */
public record Transfer(@Device @Size(min = 1, max = 128) @Help("id of the device, as listed") String device,
        @Size(min = 1, max = 500) @Help("segments, each with send or length") List<Segment> segments) {
}
