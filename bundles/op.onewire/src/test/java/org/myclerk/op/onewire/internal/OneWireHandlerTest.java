package org.myclerk.op.onewire.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_BUS_LIST;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_MATCH_ROM;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_READ;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_READ_ROM;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_RESET;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_SEARCH;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_SKIP_ROM;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_WRITE;
import static org.myclerk.testing.TestCalls.refused;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

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
import org.myclerk.device.onewire.Crc8;
import org.myclerk.device.onewire.RomCode;
import org.myclerk.devices.DeviceRegistry;
import org.myclerk.op.onewire.BusInfo;
import org.myclerk.op.onewire.BusRef;
import org.myclerk.op.onewire.Data;
import org.myclerk.op.onewire.Match;
import org.myclerk.op.onewire.Read;
import org.myclerk.op.onewire.Rom;
import org.myclerk.op.onewire.Search;
import org.myclerk.op.onewire.Skip;
import org.myclerk.op.onewire.Write;
import org.myclerk.testing.TestCaller;
import org.myclerk.testing.TestCalls;

@Timeout(60)
final class OneWireHandlerTest {

    private static final String BUS = "sim-onewire";
    private static final RomCode FIRST = RomCode.parse("28-00000a1b2c01");
    private static final Bytes CONVERT = Bytes.ofHex("44");
    private static final Bytes READ_SCRATCHPAD = Bytes.ofHex("be");

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-26T12:00:00Z"));
    private final SimulatedZoo zoo = new SimulatedZoo(now::get, Duration.ofHours(60));
    private final DeviceRegistry devices = new DeviceRegistry(Duration.ofSeconds(30));
    private OneWireHandler handler = new OneWireHandler(devices, Duration.ofHours(1));
    private Bindings bindings = handler.bindings();
    private final TestCaller ada = new TestCaller("ada", 1);
    private final TestCaller bob = new TestCaller("bob", 2);

    @BeforeEach
    void plugIn() {
        devices.addSource(zoo);
    }

    @AfterEach
    void stop() {
        handler.stop();
        devices.stop();
    }

    private <Q, A> A call(Caller caller, Operation<Q, A> row, Q request)
            throws Refused, InterruptedException {
        return TestCalls.call(bindings, caller, row, request);
    }

    private Data match(Caller caller, RomCode rom, Bytes write, int read)
            throws Refused, InterruptedException {
        return call(caller, ONEWIRE_MATCH_ROM, new Match(BUS, rom.bytes(), Optional.of(write),
                read == 0 ? Optional.empty() : Optional.of(read), Optional.of(read == 9)));
    }

    private static Match select(RomCode rom) {
        return new Match(BUS, rom.bytes(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static double degrees(Bytes scratchpad) {
        return (short) (scratchpad.at(1) << 8 | scratchpad.at(0) & 0xFF) / 16.0;
    }

    @Test
    void listsBuses() throws Exception {
        List<BusInfo> buses = call(ada, ONEWIRE_BUS_LIST, None.NONE).buses();
        assertEquals(List.of(new BusInfo(BUS, "1-Wire bus with thermometers", "simulated", true,
                Optional.empty())),
                buses);
    }

    @Test
    void findsDevicesAndThoseThatTellAnAlarm() throws Exception {
        List<Rom> found = call(ada, ONEWIRE_SEARCH, new Search(BUS, Optional.empty())).devices();
        assertEquals(List.of("28-00000a1b2c01", "28-00000a1b2c02", "28-00000a1b2c03"),
                found.stream().map(Rom::name).toList());
        assertTrue(found.stream().allMatch(rom -> rom.family() == 0x28 && Crc8.of(rom.rom()) == 0));
        assertEquals(3, call(ada, ONEWIRE_SEARCH, new Search(BUS, Optional.of(true))).devices().size(),
                "85 degrees after power-up are above the limit of 75");
    }

    @Test
    void readsAThermometerInTransactions() throws Exception {
        assertEquals(85, degrees(match(ada, FIRST, READ_SCRATCHPAD, 9).data()), "it has not measured yet");
        call(ada, ONEWIRE_SKIP_ROM, new Skip(BUS, Optional.of(CONVERT), Optional.empty(), Optional.empty()));
        now.updateAndGet(before -> before.plusMillis(750));
        double measured = degrees(match(bob, FIRST, READ_SCRATCHPAD, 9).data());
        assertTrue(measured > 19 && measured < 24, "21.5 degrees, drifting: " + measured);
        now.updateAndGet(before -> before.plusSeconds(1200));
        match(ada, FIRST, CONVERT, 0);
        now.updateAndGet(before -> before.plusMillis(750));
        assertTrue(degrees(match(bob, FIRST, READ_SCRATCHPAD, 9).data()) != measured);
    }

    @Test
    void readsAThermometerStepByStep() throws Exception {
        assertTrue(call(ada, ONEWIRE_RESET, new BusRef(BUS)).present());
        call(ada, ONEWIRE_WRITE, new Write(BUS, Bytes.ofHex("cc44")));
        assertEquals(Bytes.ofHex("00"), call(ada, ONEWIRE_READ, new Read(BUS, 1, Optional.empty())).data(),
                "busy");
        now.updateAndGet(before -> before.plusMillis(750));
        assertEquals(Bytes.ofHex("ff"), call(ada, ONEWIRE_READ, new Read(BUS, 1, Optional.empty())).data(),
                "done");
        call(ada, ONEWIRE_MATCH_ROM, select(FIRST));
        call(ada, ONEWIRE_WRITE, new Write(BUS, READ_SCRATCHPAD));
        Bytes scratchpad = call(ada, ONEWIRE_READ, new Read(BUS, 9, Optional.of(true))).data();
        assertTrue(degrees(scratchpad) > 19 && degrees(scratchpad) < 24);
    }

    @Test
    void keepsOthersOffABusBetweenSteps() throws Exception {
        call(ada, ONEWIRE_MATCH_ROM, select(FIRST));
        Refused refusal = refused(ErrorCode.FORBIDDEN, () -> match(bob, FIRST, READ_SCRATCHPAD, 9));
        assertTrue(refusal.getMessage().contains("held by ada"), refusal.getMessage());
        refused(ErrorCode.FORBIDDEN, () -> call(bob, ONEWIRE_RESET, new BusRef(BUS)));
        assertEquals(Optional.of("ada"), call(bob, ONEWIRE_BUS_LIST, None.NONE).buses().getFirst().holder());
    }

    @Test
    void leavesASelectionToItsNextVersion() throws Exception {
        call(ada, ONEWIRE_MATCH_ROM, select(FIRST));
        OneWireHandler before = handler;
        handler = new OneWireHandler(devices, Duration.ofHours(1));
        before.stop();
        bindings = handler.bindings();
        call(ada, ONEWIRE_WRITE, new Write(BUS, READ_SCRATCHPAD));
        assertEquals(85, degrees(call(ada, ONEWIRE_READ, new Read(BUS, 9, Optional.of(true))).data()));
        refused(ErrorCode.FORBIDDEN, () -> call(bob, ONEWIRE_RESET, new BusRef(BUS)));
    }

    @Test
    void givesTheBusBackWhenNoStepComes() throws Exception {
        handler.stop();
        handler = new OneWireHandler(devices, Duration.ofMillis(20));
        bindings = handler.bindings();
        call(ada, ONEWIRE_RESET, new BusRef(BUS));
        while (true) {
            try {
                match(bob, FIRST, READ_SCRATCHPAD, 9);
                break;
            } catch (Refused _) {
                Thread.onSpinWait();
            }
        }
        refused(ErrorCode.BAD_REQUEST, () -> call(ada, ONEWIRE_READ, new Read(BUS, 1, Optional.empty())));
    }

    @Test
    void refusesStepsWithoutASelection() {
        Refused refusal = refused(ErrorCode.BAD_REQUEST,
                () -> call(ada, ONEWIRE_WRITE, new Write(BUS, CONVERT)));
        assertTrue(refusal.getMessage().contains("match or skip the ROM first"), refusal.getMessage());
        refused(ErrorCode.BAD_REQUEST, () -> call(ada, ONEWIRE_READ, new Read(BUS, 9, Optional.empty())));
        refused(ErrorCode.NOT_FOUND, () -> call(ada, ONEWIRE_READ, new Read("none", 9, Optional.empty())));
    }

    @Test
    void tellsWhenSeveralDevicesAnswerAtOnce() {
        Refused refusal = refused(ErrorCode.SERVICE_UNAVAILABLE,
                () -> call(ada, ONEWIRE_READ_ROM, new BusRef(BUS)));
        assertTrue(refusal.getMessage().contains("search instead"), refusal.getMessage());
    }

    @Test
    void refusesDamagedRomCodesAndDamagedAnswers() {
        byte[] damaged = FIRST.bytes().toArray();
        damaged[3] ^= 1;
        refused(ErrorCode.BAD_REQUEST, () -> call(ada, ONEWIRE_MATCH_ROM, new Match(BUS, Bytes.wrap(damaged),
                Optional.of(READ_SCRATCHPAD), Optional.of(9), Optional.empty())));
        Refused absent = refused(ErrorCode.SERVICE_UNAVAILABLE,
                () -> match(ada, RomCode.parse("28-00000a1b2cff"), READ_SCRATCHPAD, 9));
        assertTrue(absent.getMessage().contains("the device is not there"), absent.getMessage());
    }

    @Test
    void tellsABusThatIsGone() {
        zoo.unplug(BUS);
        refused(ErrorCode.NOT_FOUND, () -> call(ada, ONEWIRE_SEARCH, new Search(BUS, Optional.empty())));
        zoo.plug(BUS);
        zoo.faults().failEvery(1);
        Refused failed = refused(ErrorCode.SERVICE_UNAVAILABLE,
                () -> call(ada, ONEWIRE_SEARCH, new Search(BUS, Optional.empty())));
        assertTrue(failed.getMessage().contains("Input/output error"), failed.getMessage());
    }
}
