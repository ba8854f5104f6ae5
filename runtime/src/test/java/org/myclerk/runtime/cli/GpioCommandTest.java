package org.myclerk.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.myclerk.op.gpio.Bias;
import org.myclerk.op.gpio.Direction;
import org.myclerk.op.gpio.Drive;
import org.myclerk.op.gpio.Edge;
import org.myclerk.op.gpio.GpioEvent;
import org.myclerk.op.gpio.LineInfo;

/** What libgpiod's tools print; the laboratory compares with the tools themselves. */
class GpioCommandTest {

    @Test
    void printsLinesAsGpioinfo() {
        assertEquals("\tline   0:      unnamed       unused   input  active-high ",
                GpioCommand.text(new LineInfo(0, Optional.empty(), Optional.empty(), false, Direction.INPUT,
                false,
                        Bias.AS_IS, Drive.PUSH_PULL, Edge.NONE, 0)));
        assertEquals(
                "\tline   3:       \"door\"       \"bell\"  output   active-low [used open-drain pull-up]",
                GpioCommand.text(new LineInfo(3, Optional.of("door"), Optional.of("bell"), true,
                Direction.OUTPUT, true,
                        Bias.PULL_UP, Drive.OPEN_DRAIN, Edge.NONE, 0)));
        assertEquals("\tline  12: \"a-very-long-name\" unused input active-high ",
                GpioCommand.text(new LineInfo(12, Optional.of("a-very-long-name"), Optional.empty(), false,
                        Direction.INPUT, false, Bias.AS_IS, Drive.PUSH_PULL, Edge.NONE, 0)));
    }

    @Test
    void printsEdgesAsGpiomon() {
        assertEquals("event:  RISING EDGE offset: 3 timestamp: [    1234.000056789]", GpioCommand.text(
                new GpioEvent("gpiochip0", 3, Edge.RISING, 1_234_000_056_789L, 1, 1, Optional.empty())));
    }
}
