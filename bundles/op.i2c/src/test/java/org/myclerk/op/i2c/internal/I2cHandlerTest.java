package org.myclerk.op.i2c.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.op.i2c.I2cOperations.I2C_BUS_LIST;
import static org.myclerk.op.i2c.I2cOperations.I2C_BUS_SCAN;
import static org.myclerk.op.i2c.I2cOperations.I2C_READ_BLOCK;
import static org.myclerk.op.i2c.I2cOperations.I2C_READ_BYTE;
import static org.myclerk.op.i2c.I2cOperations.I2C_SMBUS_COMMAND;
import static org.myclerk.op.i2c.I2cOperations.I2C_TRANSFER;
import static org.myclerk.op.i2c.I2cOperations.I2C_WRITE_BLOCK;
import static org.myclerk.op.i2c.I2cOperations.I2C_WRITE_BYTE;
import static org.myclerk.testing.TestCalls.refused;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.None;
import org.myclerk.backend.sim.SimulatedZoo;
import org.myclerk.devices.DeviceRegistry;
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
import org.myclerk.testing.TestCaller;
import org.myclerk.testing.TestCalls;

@Timeout(60)
final class I2cHandlerTest {

    private static final String BUS = "sim-i2c";

    private final SimulatedZoo zoo = new SimulatedZoo(InstantSource.fixed(Instant.EPOCH),
            Duration.ofHours(1));
    private final DeviceRegistry devices = new DeviceRegistry(Duration.ofSeconds(30));
    private final I2cHandler handler = new I2cHandler(devices);
    private final Bindings bindings = handler.bindings();
    private final TestCaller ada = new TestCaller("ada", 1);

    @BeforeEach
    void plugIn() {
        devices.addSource(zoo);
    }

    @AfterEach
    void stop() {
        devices.stop();
    }

    private <Q, A> A call(Caller caller, Operation<Q, A> row, Q request)
            throws Refused, InterruptedException {
        return TestCalls.call(bindings, caller, row, request);
    }

    private List<Bytes> transfer(Message... messages) throws Refused, InterruptedException {
        return call(ada, I2C_TRANSFER, new Transfer(BUS, 0x50, List.of(messages), Optional.empty())).read();
    }

    private static Message write(String hex) {
        return new Message(Optional.empty(), Optional.of(Bytes.ofHex(hex)), Optional.empty());
    }

    private static Message read(int length) {
        return new Message(Optional.empty(), Optional.empty(), Optional.of(length));
    }

    private SmbusAnswer smbus(Protocol protocol, boolean read, int command, Optional<Integer> value,
            boolean pec)
            throws Refused, InterruptedException {
        return call(ada, I2C_SMBUS_COMMAND, new SmbusRequest(BUS, 0x50, protocol, Optional.of(read),
                Optional.of(command), value, Optional.empty(), Optional.of(4), Optional.of(pec)));
    }

    @Test
    void listsBusesWithWhatTheyCanDo() throws Exception {
        BusInfo bus = call(ada, I2C_BUS_LIST, None.NONE).buses().getFirst();
        assertEquals(BUS, bus.bus());
        assertTrue(bus.simulated());
        assertTrue(bus.functions().contains(Function.I2C));
    }

    @Test
    void scansWithoutTheAddressThatAByteWouldHarm() throws Exception {
        assertEquals(new BusTargets(List.of(0x48, 0x50), List.of(), List.of(0x69)),
                call(ada, I2C_BUS_SCAN, new BusScan(BUS, Optional.empty(), Optional.empty())));
        assertEquals(new BusTargets(List.of(0x50), List.of(), List.of()),
                call(ada, I2C_BUS_SCAN, new BusScan(BUS, Optional.of(0x49), Optional.of(0x69))));
        refused(ErrorCode.BAD_REQUEST, "a scan goes upwards",
                () -> call(ada, I2C_BUS_SCAN, new BusScan(BUS, Optional.of(9), Optional.of(8))));
    }

    @Test
    void transfersSeveralMessages() throws Exception {
        assertEquals(List.of(), transfer(write("10aabbcc")));
        assertEquals(List.of(Bytes.ofHex("aabb"), Bytes.ofHex("ccff")),
                transfer(write("10"), read(2), read(2)));
        assertEquals(List.of(Bytes.ofHex("1600")), call(ada, I2C_TRANSFER, new Transfer(BUS, 0x50,
                List.of(new Message(Optional.of(0x48), Optional.of(Bytes.ofHex("00")), Optional.empty()),
                        new Message(Optional.of(0x48), Optional.empty(), Optional.of(2))),
                Optional.empty())).read(), "22 degrees at the epoch");
    }

    @Test
    void refusesMessagesThatAreNone() {
        refused(ErrorCode.BAD_REQUEST, "either write or read",
                () -> transfer(new Message(Optional.empty(), Optional.empty(), Optional.empty())));
        refused(ErrorCode.BAD_REQUEST, "0x150 has more than 7 bits",
                () -> transfer(new Message(Optional.of(0x150), Optional.empty(), Optional.of(1))));
    }

    @Test
    void writesAndReadsBytesAndBlocks() throws Exception {
        call(ada, I2C_WRITE_BYTE, new ByteWrite(BUS, 0x50, Optional.of(0x20), 0xAB, Optional.empty()));
        call(ada, I2C_WRITE_BYTE, new ByteWrite(BUS, 0x50, Optional.empty(), 0x20, Optional.empty()));
        assertEquals(0xAB,
                call(ada, I2C_READ_BYTE, new ByteRead(BUS, 0x50, Optional.empty(), Optional.empty()))
                .value());
        assertEquals(0xAB,
                call(ada, I2C_READ_BYTE, new ByteRead(BUS, 0x50, Optional.of(0x20), Optional.empty()))
                .value());
        call(ada, I2C_WRITE_BLOCK, new BlockWrite(BUS, 0x50, 0x30, Bytes.ofHex("01020304")));
        assertEquals(Bytes.ofHex("01020304ff"), call(ada, I2C_READ_BLOCK, new BlockRead(BUS, 0x50, 0x30, 5))
                .data());
    }

    @Test
    void speaksSmbus() throws Exception {
        smbus(Protocol.WORD_DATA, false, 0x40, Optional.of(0x1234), false);
        assertEquals(Optional.of(0x1234), smbus(Protocol.WORD_DATA, true, 0x40, Optional.empty(), false)
                .value());
        assertEquals(Optional.of(0x34), smbus(Protocol.BYTE_DATA, true, 0x40, Optional.empty(), false)
                .value());
        assertEquals(Optional.of(Bytes.ofHex("3412ffff")),
                smbus(Protocol.I2C_BLOCK_DATA, true, 0x40, Optional.empty(), false).data());
        assertEquals(new SmbusAnswer(Optional.empty(), Optional.empty()),
                smbus(Protocol.QUICK, false, 0, Optional.empty(), false));
        refused(ErrorCode.BAD_REQUEST, "needs a value",
                () -> smbus(Protocol.BYTE_DATA, false, 0, Optional.empty(), false));
    }

    @Test
    void refusesWhatTheAdapterCannotDoBeforeItIsTried() {
        zoo.faults().failEvery(1);
        refused(ErrorCode.BAD_REQUEST, "cannot do READ_BLOCK_DATA",
                () -> smbus(Protocol.BLOCK_DATA, true, 0, Optional.empty(), false));
        refused(ErrorCode.BAD_REQUEST, "cannot do PEC",
                () -> smbus(Protocol.BYTE_DATA, true, 0, Optional.empty(), true));
        refused(ErrorCode.BAD_REQUEST, "cannot do TEN_BIT_ADDRESSES", () -> call(ada, I2C_TRANSFER,
                new Transfer(BUS, 0x150, List.of(read(1)), Optional.of(true))));
    }

    @Test
    void tellsThatNobodyAnswers() {
        refused(ErrorCode.NOT_FOUND, "nobody acknowledges 0x51", () -> call(ada, I2C_READ_BYTE,
                new ByteRead(BUS, 0x51, Optional.empty(), Optional.empty())));
    }
}
