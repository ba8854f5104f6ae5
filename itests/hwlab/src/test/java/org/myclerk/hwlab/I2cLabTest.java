package org.myclerk.hwlab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.op.i2c.I2cOperations.I2C_BUS_LIST;
import static org.myclerk.op.i2c.I2cOperations.I2C_BUS_SCAN;
import static org.myclerk.op.i2c.I2cOperations.I2C_READ_BLOCK;
import static org.myclerk.op.i2c.I2cOperations.I2C_READ_BYTE;
import static org.myclerk.op.i2c.I2cOperations.I2C_SMBUS_COMMAND;
import static org.myclerk.op.i2c.I2cOperations.I2C_TRANSFER;
import static org.myclerk.op.i2c.I2cOperations.I2C_WRITE_BLOCK;
import static org.myclerk.op.i2c.I2cOperations.I2C_WRITE_BYTE;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.None;
import org.myclerk.op.i2c.BlockRead;
import org.myclerk.op.i2c.BlockWrite;
import org.myclerk.op.i2c.BusInfo;
import org.myclerk.op.i2c.BusScan;
import org.myclerk.op.i2c.BusTargets;
import org.myclerk.op.i2c.ByteRead;
import org.myclerk.op.i2c.ByteWrite;
import org.myclerk.op.i2c.Function;
import org.myclerk.op.i2c.Message;
import org.myclerk.op.i2c.Protocol;
import org.myclerk.op.i2c.SmbusAnswer;
import org.myclerk.op.i2c.SmbusRequest;
import org.myclerk.op.i2c.Transfer;

/** I2C on an adapter of our own and on the kernel's SMBus stub, looked at with i2c-tools. */
@InLaboratory
final class I2cLabTest {

    private static final Path PARAMETERS = Path.of("/sys/module/lab_i2c/parameters");

    private Peer node;
    /** The adapter that does everything, and the one that does SMBus only. */
    private String bus;
    private String stub;

    @BeforeEach
    void plugIn() throws Exception {
        node = LabNode.shared().peer();
        Lab.load("lab_i2c");
        Lab.load("i2c-stub", "chip_addr=0x50");
        bus = bus("MyClerk laboratory I2C");
        stub = bus("SMBus stub driver");
    }

    @AfterEach
    void noFault() {
        Lab.write(PARAMETERS.resolve("fault"), "0");
    }

    private String bus(String adapter) {
        Lab.until("the node sees " + adapter, () -> find(adapter).isPresent());
        return find(adapter).orElseThrow().bus();
    }

    private Optional<BusInfo> find(String adapter) {
        try {
            return node.call(I2C_BUS_LIST, None.NONE).buses().stream()
                    .filter(it -> it.adapter().startsWith(adapter)).findFirst();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static String number(String bus) {
        return bus.substring("i2c-".length());
    }

    private static Message write(String hex) {
        return new Message(Optional.empty(), Optional.of(Bytes.ofHex(hex)), Optional.empty());
    }

    private static Message read(int length) {
        return new Message(Optional.empty(), Optional.empty(), Optional.of(length));
    }

    private List<Bytes> transfer(int address, boolean tenBits, Message... messages) throws Exception {
        return node.call(I2C_TRANSFER, new Transfer(bus, address, List.of(messages), Optional.of(tenBits)))
                .read();
    }

    private SmbusAnswer smbus(String on, int address, Protocol protocol, boolean read, int command,
            Optional<Integer> value, Optional<String> data, boolean pec) throws Exception {
        return node.call(I2C_SMBUS_COMMAND, new SmbusRequest(on, address, protocol, Optional.of(read),
                Optional.of(command), value, data.map(Bytes::ofHex), Optional.empty(), Optional.of(pec)));
    }

    @Test
    void tellsWhatTheAdapterCanDo() {
        BusInfo all = find("MyClerk laboratory I2C").orElseThrow();
        assertTrue(all.functions().containsAll(List.of(Function.I2C, Function.TEN_BIT_ADDRESSES,
                Function.PEC)));
        BusInfo smbusOnly = find("SMBus stub driver").orElseThrow();
        assertFalse(smbusOnly.functions().contains(Function.I2C));
        assertTrue(Lab.run("i2cdetect", "-l").contains("SMBus stub driver"));
    }

    @Test
    void scansWithoutWritingAnythingAndFindsWhatI2cdetectFinds() throws Exception {
        String before = Lab.read(PARAMETERS.resolve("writes"));
        assertEquals(new BusTargets(List.of(0x0b, 0x48, 0x50), List.of(), List.of(0x69)),
                node.call(I2C_BUS_SCAN, new BusScan(bus, Optional.empty(), Optional.empty())));
        assertEquals(before, Lab.read(PARAMETERS.resolve("writes")));
        String grid = Lab.run("i2cdetect", "-y", "-r", number(bus));
        assertTrue(grid.contains("0b") && grid.contains("48") && grid.contains("50"), grid);
    }

    @Test
    void leavesWhatADriverOfTheKernelHasAlone() throws Exception {
        Path device = Path.of("/sys/bus/i2c/devices", bus);
        Lab.write(device.resolve("new_device"), "dummy 0x48");
        try {
            assertEquals(List.of(0x0b, 0x50),
                    node.call(I2C_BUS_SCAN, new BusScan(bus, Optional.empty(), Optional.empty())).targets());
            assertTrue(Lab.run("i2cdetect", "-y", number(bus)).contains("UU"));
            Lab.refused(ErrorCode.SERVICE_UNAVAILABLE,
                    "0x48 on /dev/%s is held by a driver of the kernel (dummy)"
                    .formatted(bus), () -> transfer(0x48, false, read(1)));
        } finally {
            Lab.write(device.resolve("delete_device"), "0x48");
        }
    }

    @Test
    void transfersWithARepeatedStartAsI2ctransferSeesIt() throws Exception {
        assertEquals(List.of(), transfer(0x50, false, write("2001020304")));
        assertEquals("0x01 0x02 0x03 0x04", Lab.run("i2ctransfer", "-y", number(bus), "w1@0x50", "0x20", "r4")
                .strip());
        Lab.run("i2ctransfer", "-y", number(bus), "w3@0x50", "0x21", "0xaa", "0xbb");
        assertEquals(List.of(Bytes.ofHex("01aa"), Bytes.ofHex("bb04")),
                transfer(0x50, false, write("20"), read(2), read(2)));
        assertEquals(List.of(Bytes.ofHex("1980")), transfer(0x48, false, write("00"), read(2)));
    }

    @Test
    void reachesATenBitAddress() throws Exception {
        transfer(0x150, true, write("c0de"));
        assertEquals(List.of(Bytes.ofHex("c0de")), transfer(0x150, true, read(2)));
        Lab.refused(ErrorCode.NOT_FOUND, "nobody acknowledges 0x151", () -> transfer(0x151, true, read(1)));
    }

    @Test
    void writesAndReadsBytesAndBlocks() throws Exception {
        node.call(I2C_WRITE_BYTE, new ByteWrite(bus, 0x50, Optional.of(0x60), 0x5A, Optional.empty()));
        assertEquals("0x5a", Lab.run("i2cget", "-y", number(bus), "0x50", "0x60").strip());
        assertEquals(0x5A,
                node.call(I2C_READ_BYTE, new ByteRead(bus, 0x50, Optional.of(0x60), Optional.empty()))
                .value());
        node.call(I2C_WRITE_BYTE, new ByteWrite(bus, 0x50, Optional.empty(), 0x60, Optional.empty()));
        assertEquals(0x5A,
                node.call(I2C_READ_BYTE, new ByteRead(bus, 0x50, Optional.empty(), Optional.empty()))
                .value());
        byte[] block = new byte[40];
        for (int i = 0; i < block.length; i++) {
            block[i] = (byte) (i * 3);
        }
        node.call(I2C_WRITE_BLOCK, new BlockWrite(bus, 0x50, 0x80, Bytes.wrap(block)));
        assertEquals(Bytes.wrap(block), node.call(I2C_READ_BLOCK, new BlockRead(bus, 0x50, 0x80, 40)).data());
        String dump = Lab.run("i2cdump", "-y", "-r", "0x80-0x8f", number(bus), "0x50", "b");
        assertTrue(dump.contains("80: 00 03 06 09 0c 0f 12 15 18 1b 1e 21 24 27 2a 2d"), dump);
    }

    @Test
    void speaksAllOfSmbusWithPacketErrorCodes() throws Exception {
        for (boolean pec : new boolean[] {false, true}) {
            smbus(bus, 0x0b, Protocol.QUICK, false, 0, Optional.empty(), Optional.empty(), false);
            smbus(bus, 0x0b, Protocol.BYTE, false, 0x05, Optional.empty(), Optional.empty(), pec);
            assertEquals(Optional.of(0x05), smbus(bus, 0x0b, Protocol.BYTE, true, 0, Optional.empty(),
                    Optional.empty(), pec).value());
            smbus(bus, 0x0b, Protocol.BYTE_DATA, false, 0x03, Optional.of(0xC3), Optional.empty(), pec);
            assertEquals(Optional.of(0xC3), smbus(bus, 0x0b, Protocol.BYTE_DATA, true, 0x03, Optional.empty(),
                    Optional.empty(), pec).value());
            assertEquals("0xc3", Lab.run("i2cget", "-y", number(bus), "0x0b", "0x03", pec ? "bp" : "b")
                    .strip());
            smbus(bus, 0x0b, Protocol.WORD_DATA, false, 0x09, Optional.of(0xBEEF), Optional.empty(), pec);
            assertEquals(Optional.of(0xBEEF), smbus(bus, 0x0b, Protocol.WORD_DATA, true, 0x09,
                    Optional.empty(),
                    Optional.empty(), pec).value());
            assertEquals("0xbeef", Lab.run("i2cget", "-y", number(bus), "0x0b", "0x09", pec ? "wp" : "w")
                    .strip());
            assertEquals(Optional.of(0x1244), smbus(bus, 0x0b, Protocol.PROC_CALL, false, 0x10,
                    Optional.of(0x1234),
                    Optional.empty(), pec).value());
            smbus(bus, 0x0b, Protocol.BLOCK_DATA, false, 0x20, Optional.empty(), Optional.of("0102030405"),
                    pec);
            assertEquals(Optional.of(Bytes.ofHex("0102030405")),
                    smbus(bus, 0x0b, Protocol.BLOCK_DATA, true, 0x20, Optional.empty(), Optional.empty(), pec)
                    .data());
            assertEquals(Optional.of(Bytes.ofHex("0a0b0c")),
                    smbus(bus, 0x0b, Protocol.BLOCK_PROC_CALL, false, 0x21, Optional.empty(),
                    Optional.of("0c0b0a"), pec).data());
        }
    }

    @Test
    void doesOnAnSmbusAdapterWhatItCanAndRefusesTheRestBeforeTrying() throws Exception {
        node.call(I2C_WRITE_BLOCK, new BlockWrite(stub, 0x50, 0x10, Bytes.ofHex("a1a2a3")));
        assertEquals(Bytes.ofHex("a1a2a3"), node.call(I2C_READ_BLOCK, new BlockRead(stub, 0x50, 0x10, 3))
                .data());
        assertEquals("0xa2", Lab.run("i2cget", "-y", number(stub), "0x50", "0x11").strip());
        Lab.refused(ErrorCode.BAD_REQUEST, "cannot do I2C", () -> node.call(I2C_TRANSFER,
                new Transfer(stub, 0x50, List.of(read(1)), Optional.empty())));
        Lab.refused(ErrorCode.BAD_REQUEST, "32 bytes at a time", () -> node.call(I2C_READ_BLOCK,
                new BlockRead(stub, 0x50, 0, 33)));
        Lab.refused(ErrorCode.BAD_REQUEST, "cannot do PROC_CALL",
                () -> smbus(stub, 0x50, Protocol.PROC_CALL, false, 0, Optional.of(1), Optional.empty(),
                false));
    }

    @Test
    void tellsTheKernelsReasonOfEveryFault() throws Exception {
        long before = LabNode.shared().openFiles();
        Lab.refused(ErrorCode.NOT_FOUND, "nobody acknowledges 0x51", () -> transfer(0x51, false, read(1)));
        Lab.write(PARAMETERS.resolve("fault"), "11");
        Lab.refused(ErrorCode.SERVICE_UNAVAILABLE, "arbitration was lost",
                () -> node.call(I2C_READ_BYTE, new ByteRead(bus, 0x50, Optional.of(1), Optional.empty())));
        Lab.write(PARAMETERS.resolve("fault"), "110");
        Lab.refused(ErrorCode.TIMEOUT, "Connection timed out (ETIMEDOUT)",
                () -> transfer(0x50, false, write("00"), read(1)));
        Lab.write(PARAMETERS.resolve("fault"), "5");
        Lab.refused(ErrorCode.SERVICE_UNAVAILABLE, "Input/output error (EIO)",
                () -> transfer(0x50, false, read(1)));
        Lab.write(PARAMETERS.resolve("fault"), "1");
        Lab.refused(ErrorCode.FORBIDDEN, "Operation not permitted (EPERM)",
                () -> transfer(0x50, false, read(1)));
        Lab.write(PARAMETERS.resolve("fault"), "-1");
        Lab.refused(ErrorCode.SERVICE_UNAVAILABLE, "1 of 2 messages were transferred",
                () -> transfer(0x50, false, write("00"), read(1)));
        Lab.write(PARAMETERS.resolve("fault"), "0");
        assertEquals(1, transfer(0x50, false, read(1)).size());
        assertEquals(before, LabNode.shared().openFiles());
    }

    @Test
    void survivesAModuleThatIsUnloadedAndComesBack() throws Exception {
        Lab.unload("lab_i2c");
        Lab.refused(ErrorCode.NOT_FOUND, "", () -> transfer(0x50, false, read(1)));
        Lab.until("the node misses the bus", () -> find("MyClerk laboratory I2C").isEmpty());
        Lab.load("lab_i2c");
        bus = bus("MyClerk laboratory I2C");
        assertEquals(List.of(Bytes.ofHex("ff")), transfer(0x50, false, read(1)));
    }
}
