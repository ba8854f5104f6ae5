package org.myclerk.op.gpio;

import java.util.List;
import java.util.Optional;

import org.myclerk.api.payload.Device;
import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;

/**
 * Takes lines. Lists of values go along with the list of lines; true is active.
 *
 * @param direction as the line is, if left out
 * @param values what outputs begin with; inactive if left out
 * @param safe what outputs are set to before they are given back, for whatever reason
 * @param label who takes them, for people; the kernel keeps 31 bytes; {@code myclerk} and the caller's name
 *     if left out
 */
public record LineRequest(@Device @Size(min = 1, max = 128) @Help("id of the chip, as listed") String chip,
        @Size(min = 1, max = 64) @Range(max = 1023) @Help("numbers of the lines") List<Integer> lines,
        @Help("as-is if left out") Optional<Direction> direction,
        @Help("whether active is the low level") Optional<Boolean> activeLow,
        @Help("the resistor; as-is if left out") Optional<Bias> bias,
        @Help("push-pull if left out") Optional<Drive> drive,
        @Range(max =
        10_000_000) @Help("microseconds that a level must last") Optional<Integer> debounceMicros,
        @Size(min = 1, max = 64) @Help("what outputs begin with") Optional<List<Boolean>> values,
        @Size(min = 1, max = 64) @Help("what outputs are set to at the end") Optional<List<Boolean>> safe,
        @Size(min = 1, max = 31) @Help("who takes them, for people") Optional<String> label) {
}
