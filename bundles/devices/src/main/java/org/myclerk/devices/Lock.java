package org.myclerk.devices;

import org.myclerk.api.payload.Bytes;

/**
 * A lock as it is kept over a restart.
 *
 * @param node that has it, 16 bytes
 * @param holder its name
 * @param until Unix seconds
 */
public record Lock(String device, Bytes node, String holder, long until) {
}
