package org.myclerk.op.spi;

import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * How a device is to run.
 *
 * @param mode 0 to 3: clock polarity is bit 1, clock phase bit 0
 */
public record DeviceSetup(@Device @Size(min = 1,
        max = 128) @Help("id of the device, as listed") String device,
        @Range(max = 3) @Help("clock polarity and phase, 0 to 3") Optional<Integer> mode,
        @Range(min = 1, max = 0xFFFF_FFFFL) @Help("highest clock, Hz") Optional<Long> speedHz,
        @Range(min = 1, max = 32) @Help("bits of a word") Optional<Integer> bitsPerWord,
        @Help("least significant bit first") Optional<Boolean> lsbFirst,
        @Help("chip select is active high") Optional<Boolean> csHigh,
        @Help("nobody drives chip select") Optional<Boolean> noCs,
        @Help("one wire for both directions") Optional<Boolean> threeWire,
        @Help("the controller feeds back what it sends") Optional<Boolean> loop) {
}
