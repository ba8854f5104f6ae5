package org.myclerk.hwlab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.management.ObjectName;

import org.junit.jupiter.api.Test;
import org.myclerk.api.payload.Bytes;
import org.myclerk.backend.linux.can.CanInterfaces;
import org.myclerk.backend.linux.gpio.LinuxGpio;
import org.myclerk.backend.linux.i2c.LinuxI2c;
import org.myclerk.backend.linux.onewire.OneWireBuses;
import org.myclerk.backend.linux.spi.LinuxSpi;
import org.myclerk.device.DeviceException;
import org.myclerk.device.can.CanFrame;
import org.myclerk.device.can.CanInterface;
import org.myclerk.device.can.OpenCan;
import org.myclerk.device.gpio.GpioChip;
import org.myclerk.device.gpio.GpioLines;
import org.myclerk.device.gpio.GpioRequest;
import org.myclerk.device.gpio.GpioSettings;
import org.myclerk.device.i2c.I2cBus;
import org.myclerk.device.i2c.I2cMessage;
import org.myclerk.device.i2c.SmbusCommand;
import org.myclerk.device.onewire.OneWireBus;
import org.myclerk.device.onewire.OneWireBus.Step;
import org.myclerk.device.spi.OpenSpiDevice;
import org.myclerk.device.spi.SpiDevice;
import org.myclerk.device.spi.SpiSegment;

/**
 * Native memory and files of the drivers in this process, by the JVM's own account of what arenas have (NMT),
 * before and after many calls. {@code -Dmyclerk.lab.calls}: how many of each.
 */
@InLaboratory
final class MemoryLabTest {

    private static final int CALLS = Integer.getInteger("myclerk.lab.calls", 20_000);
    private static final int WARM_UP = 500;
    /** 1-Wire is as slow as its bus. */
    private static final int SLOW_CALLS = CALLS / 100;
    private static final int SLOW_WARM_UP = 20;
    /** The smallest arena at one call of a hundred would have more. */
    private static final long ROOM = 4 << 10;
    private static final Pattern ARENAS = Pattern.compile("\\bOther \\(reserved=(\\d+)");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+)");

    private interface Round {

        void run(int number) throws Exception;
    }

    /** What the process has. */
    private record Usage(long arenaBytes, long residentKilobytes, long files) {

        static Usage now() throws Exception {
            System.gc();
            String told = (String) ManagementFactory.getPlatformMBeanServer().invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"), "vmNativeMemory",
                    new Object[] {new String[] {"summary", "scale=b"}},
                    new String[] {String[].class.getName()});
            try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
                return new Usage(number(ARENAS, told), number(RESIDENT,
                        Lab.read(Path.of("/proc/self/status"))),
                        files.count());
            }
        }

        private static long number(Pattern pattern, String text) {
            Matcher matcher = pattern.matcher(text);
            assertTrue(matcher.find(), () -> pattern + " is not in: " + text);
            return Long.parseLong(matcher.group(1));
        }
    }

    private static void leavesNothing(String what, int warmUp, int calls, Round round) throws Exception {
        for (int i = 0; i < warmUp; i++) {
            round.run(i);
        }
        Usage.now(); // the buffers of this thread that looking takes
        Usage before = Usage.now();
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            round.run(i);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        Usage after = Usage.now();
        System.out.printf(
                "%s: %d rounds in %.1f s; arenas %d and %d bytes, resident %d and %d kB, files %d and %d%n",
                what, calls, seconds, before.arenaBytes, after.arenaBytes, before.residentKilobytes,
                after.residentKilobytes, before.files, after.files);
        assertTrue(after.arenaBytes <= before.arenaBytes + ROOM, what + " keeps memory");
        assertEquals(before.files, after.files, what + " keeps files");
    }

    @Test
    void gpioLeavesNothing() throws Exception {
        try (Lab.Chip simulated = Lab.chip("memory")) {
            GpioChip chip = Lab.driver(new LinuxGpio(), simulated.name(), GpioChip.class);
            GpioSettings output = new GpioSettings(GpioSettings.Direction.OUTPUT, false,
                    GpioSettings.Bias.AS_IS, GpioSettings.Drive.PUSH_PULL, GpioSettings.Edge.NONE,
                    GpioSettings.Clock.MONOTONIC, 0);
            try (GpioLines lines = chip.request(new GpioRequest(List.of(1, 2), output, 0, "memory"));
                    GpioLines inputs = chip.request(new GpioRequest(List.of(4), GpioSettings.INPUT, 0,
                            "memory"))) {
                leavesNothing("GPIO, a set and a get", WARM_UP, CALLS, i -> {
                    lines.set(3, i & 3);
                    assertEquals(i & 3, lines.get(3));
                });
                leavesNothing("GPIO, a wait for edges", WARM_UP, CALLS,
                        _ -> assertEquals(List.of(), inputs.edges(Duration.ZERO)));
            }
            leavesNothing("GPIO, lines taken and given back", WARM_UP, CALLS / 10, _ -> {
                chip.info(3);
                chip.request(new GpioRequest(List.of(1), output, 0, "memory")).close();
            });
        }
    }

    @Test
    void i2cLeavesNothing() throws Exception {
        Lab.load("lab_i2c");
        String id = Lab.run("i2cdetect", "-l").lines().filter(line -> line.contains("MyClerk laboratory I2C"))
                .map(line -> line.substring(0, line.indexOf('\t'))).findFirst().orElseThrow();
        I2cBus bus = Lab.driver(new LinuxI2c(), id, I2cBus.class);
        List<I2cMessage> read = List.of(I2cMessage.write(0x50, false, Bytes.ofHex("20")),
                I2cMessage.read(0x50, false, 16));
        leavesNothing("I2C, a transfer", WARM_UP, CALLS, _ -> assertEquals(16,
                bus.transfer(read).getFirst().length()));
        SmbusCommand word = new SmbusCommand(0x48, SmbusCommand.Protocol.WORD_DATA, true, 0, Bytes.EMPTY, 0,
                false);
        leavesNothing("I2C, an SMBus command", WARM_UP, CALLS,
                _ -> assertEquals(2, bus.smbus(word).length()));
        List<I2cMessage> nobody = List.of(I2cMessage.read(0x51, false, 1));
        leavesNothing("I2C, a transfer that nobody acknowledges", WARM_UP, CALLS / 10,
                _ -> assertThrows(DeviceException.class, () -> bus.transfer(nobody)));
    }

    @Test
    void spiLeavesNothing() throws Exception {
        Lab.load("lab_spi");
        SpiDevice device = Lab.driver(new LinuxSpi(), "spidev0.0", SpiDevice.class);
        Bytes data = Bytes.ofHex("0102a55a");
        try (OpenSpiDevice open = device.open(device.settings())) {
            leavesNothing("SPI, a transfer", WARM_UP, CALLS,
                    _ -> assertEquals(List.of(data), open.transfer(List.of(SpiSegment.of(data)))));
        }
        leavesNothing("SPI, a device opened and closed", WARM_UP, CALLS / 10,
                _ -> device.open(device.settings()).close());
    }

    @Test
    void canLeavesNothing() throws Exception {
        Lab.run("ip", "link", "add", "dev", "vcan7", "type", "vcan");
        try {
            Lab.run("ip", "link", "set", "vcan7", "mtu", "72", "up");
            CanInterface can = Lab.driver(new CanInterfaces(), "vcan7", CanInterface.class);
            List<CanFrame> frames = List.of(new CanFrame(CanFrame.Kind.CLASSIC, 0x123, false, false, false, 4,
                    Bytes.ofHex("deadbeef"), 0, CanFrame.Origin.BUS));
            try (OpenCan sender = can.open(false); OpenCan receiver = can.open(false)) {
                leavesNothing("CAN, a frame sent and received", WARM_UP, CALLS, _ -> {
                    sender.send(frames);
                    assertEquals(1, receiver.receive(8, Duration.ofSeconds(10)).frames().size());
                });
            }
        } finally {
            Lab.run("ip", "link", "delete", "vcan7");
        }
    }

    @Test
    void oneWireLeavesNothing() throws Exception {
        Lab.load("lab_w1");
        OneWireBus bus = Lab.driver(new OneWireBuses(), "w1-1", OneWireBus.class);
        List<Step> steps = List.of(new Step.Reset(), new Step.Write(Bytes.ofHex("ccbe")), new Step.Read(9));
        leavesNothing("1-Wire, a transaction", SLOW_WARM_UP, SLOW_CALLS,
                _ -> assertEquals(9, bus.run(steps).data().length()));
    }
}
