package org.myclerk.hwlab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The command line beside the tools whose habits it has: the same words give the same output. */
@InLaboratory
final class CommandLineLabTest {

    private static LabNode node;

    @BeforeAll
    static void plugIn() throws Exception {
        node = LabNode.shared();
        Lab.load("lab_i2c");
        Lab.load("lab_spi");
        Lab.until("the node sees the buses", () -> node.cli("spi", "self", "list").contains("spidev0.1")
                && node.cli("i2c", "self", "detect", "-l").contains("MyClerk laboratory I2C"));
    }

    /** The number of the adapter that was found above. */
    private static String bus() {
        return Lab.run("i2cdetect", "-l").lines().filter(line -> line.contains("MyClerk laboratory I2C"))
                .map(line -> line.substring("i2c-".length(), line.indexOf('\t'))).findFirst().orElseThrow();
    }

    @Test
    void speaksLikeLibgpiodsTools() throws Exception {
        try (Lab.Chip chip = Lab.chip("cli")) {
            String detected = chip.name() + " [cli] (8 lines)";
            Lab.until("the node sees the chip", () -> node.cli("gpio", "self", "detect").contains(detected));
            assertTrue(Lab.run("gpiodetect").contains(detected));
            assertEquals(Lab.run("gpioinfo", chip.name()), node.cli("gpio", "self", "info", chip.name()));
            chip.pull(4, true);
            assertEquals(Lab.run("gpioget", chip.name(), "3", "4"),
                    node.cli("gpio", "self", "get", chip.name(), "3", "4"));
        }
        Lab.until("the node misses the chip", () -> !node.cli("gpio", "self", "detect").contains("[cli]"));
    }

    @Test
    void speaksLikeI2cTools() {
        String bus = bus();
        assertTrue(node.cli("i2c", "self", "detect", "-l").contains(Lab.run("i2cdetect", "-l").lines()
                .filter(line -> line.contains("MyClerk laboratory I2C")).findFirst().orElseThrow()));
        assertEquals(Lab.run("i2cdetect", "-F", bus).strip(),
                node.cli("i2c", "self", "detect", "-F", bus).strip());
        // The tool's own receiving probe; the one address that is left out here is blank.
        assertEquals(Lab.run("i2cdetect", "-y", "-r", bus).replaceAll("(?m)^(60: .{27})..", "$1  "),
                node.cli("i2c", "self", "detect", bus));
        Lab.run("i2cset", "-y", bus, "0x50", "0x00", "0x4d", "b");
        assertEquals(Lab.run("i2cdump", "-y", bus, "0x50", "b"),
                node.cli("i2c", "self", "dump", bus, "0x50"));
        assertEquals(Lab.run("i2ctransfer", "-y", bus, "w1@0x48", "0", "r2", "w1@0x50", "0", "r4"),
                node.cli("i2c", "self", "transfer", bus, "w1@0x48", "0", "r2", "w1@0x50", "0", "r4"));
        assertEquals(Lab.run("i2cget", "-y", bus, "0x48", "0", "w"),
                node.cli("i2c", "self", "get", bus, "0x48", "0", "w"));
    }

    @Test
    void speaksLikeSpiTools() {
        assertEquals(Lab.run("spi-config", "-d", "/dev/spidev0.0", "-q"),
                node.cli("spi", "self", "config", "-d", "/dev/spidev0.0", "-q"));
    }
}
