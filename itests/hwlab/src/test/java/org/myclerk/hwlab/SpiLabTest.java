package org.myclerk.hwlab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.op.spi.SpiOperations.SPI_BUS_LIST;
import static org.myclerk.op.spi.SpiOperations.SPI_CONFIGURE;
import static org.myclerk.op.spi.SpiOperations.SPI_DEVICE_CLOSE;
import static org.myclerk.op.spi.SpiOperations.SPI_DEVICE_OPEN;
import static org.myclerk.op.spi.SpiOperations.SPI_READ;
import static org.myclerk.op.spi.SpiOperations.SPI_TRANSFER;
import static org.myclerk.op.spi.SpiOperations.SPI_WRITE;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.None;
import org.myclerk.op.spi.DeviceEntry;
import org.myclerk.op.spi.DeviceRef;
import org.myclerk.op.spi.DeviceSettings;
import org.myclerk.op.spi.DeviceSetup;
import org.myclerk.op.spi.Segment;
import org.myclerk.op.spi.SpiRead;
import org.myclerk.op.spi.SpiWrite;
import org.myclerk.op.spi.Transfer;

/** SPI on a controller of our own (a loopback and a flash), looked at with spi-tools. */
@InLaboratory
final class SpiLabTest {

    private static final String LOOPBACK = "spidev0.0";
    private static final String FLASH = "spidev0.1";

    private Peer node;

    @BeforeEach
    void plugIn() throws Exception {
        node = LabNode.shared().peer();
        Lab.load("lab_spi");
        Lab.until("the node sees the devices", () -> devices().size() == 2);
    }

    @AfterEach
    void close() throws Exception {
        for (String device : List.of(LOOPBACK, FLASH)) {
            try {
                node.call(SPI_DEVICE_CLOSE, new DeviceRef(device));
            } catch (Refused notOpen) {
                // As it should be.
            }
        }
    }

    private List<DeviceEntry> devices() {
        try {
            return node.call(SPI_BUS_LIST, None.NONE).devices();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static DeviceSetup setup(String device, Optional<Integer> mode, Optional<Long> speed,
            Optional<Integer> bits, Optional<Boolean> lsbFirst, Optional<Boolean> csHigh) {
        return new DeviceSetup(device, mode, speed, bits, lsbFirst, csHigh, Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private DeviceSettings open(String device) throws Exception {
        return node.call(SPI_DEVICE_OPEN, setup(device, Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty()));
    }

    private static Segment send(String hex, boolean csChange) {
        return new Segment(Optional.of(Bytes.ofHex(hex)), Optional.empty(), Optional.of(csChange),
                Optional.empty(),
                Optional.empty(), Optional.empty());
    }

    private static Segment receive(int length) {
        return new Segment(Optional.empty(), Optional.of(length), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty());
    }

    @Test
    void listsDevicesWithTheirLimit() {
        assertEquals(new DeviceEntry(LOOPBACK, 0, 0, "/dev/spidev0.0", 4096, false, Optional.empty()),
                devices().getFirst());
        assertEquals(1, devices().get(1).chipSelect());
        assertEquals(Lab.run("ls", "/sys/class/spidev").lines().toList(),
                devices().stream().map(DeviceEntry::device).toList());
    }

    @Test
    void setsUpADeviceAsSpiConfigShowsItAndPutsItBack() throws Exception {
        String before = config();
        assertEquals(new DeviceSettings(3, 500_000, 16, true, true, false, false, false),
                node.call(SPI_DEVICE_OPEN, setup(LOOPBACK, Optional.of(3), Optional.of(500_000L),
                Optional.of(16), Optional.of(true),
                        Optional.of(true))));
        assertTrue(config().contains("mode=3,") && config().contains("bits=16, speed=500000"), config());
        assertEquals("1", leastSignificantBitFirst());
        node.call(SPI_CONFIGURE, setup(LOOPBACK, Optional.of(1), Optional.empty(), Optional.of(8),
                Optional.of(false),
                Optional.of(false)));
        assertTrue(config().contains("mode=1, lsb=0, bits=8, speed=500000"), config());
        assertEquals("0", leastSignificantBitFirst());
        Lab.refused(ErrorCode.BAD_REQUEST, "Invalid argument (EINVAL)", () -> node.call(SPI_CONFIGURE,
                setup(LOOPBACK, Optional.empty(), Optional.empty(), Optional.of(12), Optional.empty(),
                        Optional.empty())));
        assertTrue(config().contains("mode=1, lsb=0, bits=8, speed=500000"), config());
        node.call(SPI_DEVICE_CLOSE, new DeviceRef(LOOPBACK));
        assertEquals(before, config());
    }

    private static String config() {
        return Lab.run("spi-config", "-d", "/dev/" + LOOPBACK, "-q").strip();
    }

    /** Asks the kernel beside spi-config, which prints lsb=0 whatever is set before version 1.0.2. */
    private static String leastSignificantBitFirst() {
        return Lab.run("perl", "-e", """
                my $byte = "\\xff";
                open(my $device, "<", "/dev/%s") or die $!;
                ioctl($device, 0x80016b02, $byte) or die $!;  # SPI_IOC_RD_LSB_FIRST
                print ord($byte);""".formatted(LOOPBACK));
    }

    @Test
    void transfersBothWaysAndInSegments() throws Exception {
        open(LOOPBACK);
        assertEquals(List.of(Bytes.ofHex("0102a55a")),
                node.call(SPI_TRANSFER, new Transfer(LOOPBACK, List.of(send("0102a55a", false)))).received());
        open(FLASH);
        assertEquals(List.of(Bytes.ofHex("ff"), Bytes.ofHex("ef4016")),
                node.call(SPI_TRANSFER, new Transfer(FLASH, List.of(send("9f", false), receive(3))))
                .received());
        assertEquals(List.of(Bytes.ofHex("ff"), Bytes.ofHex("ffffff")),
                node.call(SPI_TRANSFER, new Transfer(FLASH, List.of(send("9f", true), receive(3))))
                .received(),
                "chip select moved in between");
        assertEquals(Bytes.ofHex("1011121314"),
                node.call(SPI_TRANSFER, new Transfer(FLASH, List.of(send("03000010", false), receive(5))))
                .received()
                        .get(1));
        String piped = Lab.run("bash", "-c",
                "printf '\\x03\\x00\\x00\\x10\\0\\0' | spi-pipe -d /dev/spidev0.1 -b 6 -n 1 | od -An -tx1");
        assertEquals("ff ff ff ff 10 11", piped.strip());
    }

    @Test
    void readsAndWritesUpToTheDriversBuffer() throws Exception {
        open(LOOPBACK);
        long before = counted("bytes");
        assertEquals(4096, node.call(SPI_WRITE, new SpiWrite(LOOPBACK, Bytes.wrap(new byte[4096])))
                .written());
        assertEquals(Bytes.wrap(new byte[4096]), node.call(SPI_READ, new SpiRead(LOOPBACK, 4096)).data());
        assertEquals(before + 2 * 4096, counted("bytes"), "the kernel counts both");
        Lab.refused(ErrorCode.BAD_REQUEST, "at most 4096 bytes, not 4097",
                () -> node.call(SPI_READ, new SpiRead(LOOPBACK, 4097)));
    }

    private static long counted(String what) {
        return Long.parseLong(Lab.read(Path.of("/sys/bus/spi/devices/spi0.0/statistics", what)));
    }

    @Test
    void survivesAModuleThatIsUnloadedInUse() throws Exception {
        long before = LabNode.shared().openFiles();
        open(FLASH);
        Lab.run("bash", "-c", "echo spi0.1 > /sys/bus/spi/drivers/spidev/unbind");
        try {
            Lab.refused(ErrorCode.NOT_FOUND, "", () -> node.call(SPI_READ, new SpiRead(FLASH, 1)));
            Lab.until("the node misses the device", () -> devices().size() == 1);
            Lab.refused(ErrorCode.NOT_FOUND, "no device \"spidev0.1\" is here",
                    () -> node.call(SPI_READ, new SpiRead(FLASH, 1)));
            LabNode shared = LabNode.shared();
            Lab.until("nothing stays open", () -> shared.openFiles() <= before);
        } finally {
            Lab.run("bash", "-c", "echo spi0.1 > /sys/bus/spi/drivers/spidev/bind");
        }
        Lab.until("the device is back", () -> devices().size() == 2);
        open(FLASH);
    }
}
