package org.myclerk.vendor.node;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** Names a device that need not be plugged in. */
public record DeviceName(@Size(min = 1, max = 128) @Help("its id") String device) {
}
