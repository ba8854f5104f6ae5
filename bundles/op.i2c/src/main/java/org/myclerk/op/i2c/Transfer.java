package org.myclerk.op.i2c;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * One combined transfer: a start condition before each message, a stop after the last.
 *
 * @param address of the target, 7 bits, or 10 with {@code tenBits}
 */
public record Transfer(@Device @Size(min = 1, max = 128) @Help("id of the bus, as listed") String bus,
        @Range(max = 0x3FF) @Help("address of the target") int address,
        @Size(min = 1, max = 42) @Help("messages, each with write or read") List<Message> messages,
        @Help("whether addresses have 10 bits") Optional<Boolean> tenBits) {
}
