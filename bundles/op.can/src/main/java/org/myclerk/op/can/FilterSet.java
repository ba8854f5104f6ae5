package org.myclerk.op.can;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/**
 * What the caller wants to receive from now on. Error frames come in any case.
 *
 * @param filters everything comes if there are none
 * @param all whether a frame has to match all of them; one is enough if left out
 */
public record FilterSet(@Device @Size(min = 1,
        max = 128) @Help("id of the interface, as listed") String channel,
        @Size(max = 512) @Help("none lets everything through") List<CanFilter> filters,
        @Help("a frame has to match all of them") Optional<Boolean> all) {
}
