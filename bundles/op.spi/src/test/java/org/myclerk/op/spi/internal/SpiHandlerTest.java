package org.myclerk.op.spi.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.op.spi.SpiOperations.SPI_BUS_LIST;
import static org.myclerk.op.spi.SpiOperations.SPI_CONFIGURE;
import static org.myclerk.op.spi.SpiOperations.SPI_DEVICE_CLOSE;
import static org.myclerk.op.spi.SpiOperations.SPI_DEVICE_OPEN;
import static org.myclerk.op.spi.SpiOperations.SPI_READ;
import static org.myclerk.op.spi.SpiOperations.SPI_TRANSFER;
import static org.myclerk.op.spi.SpiOperations.SPI_WRITE;
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
import org.myclerk.device.spi.UsedSpiDevice;
import org.myclerk.devices.DeviceRegistry;
import org.myclerk.op.spi.DeviceEntry;
import org.myclerk.op.spi.DeviceRef;
import org.myclerk.op.spi.DeviceSettings;
import org.myclerk.op.spi.DeviceSetup;
import org.myclerk.op.spi.Segment;
import org.myclerk.op.spi.SpiRead;
import org.myclerk.op.spi.SpiWrite;
import org.myclerk.op.spi.Transfer;
import org.myclerk.testing.TestCaller;
import org.myclerk.testing.TestCalls;

@Timeout(60)
final class SpiHandlerTest {

    private final SimulatedZoo zoo = new SimulatedZoo(InstantSource.fixed(Instant.EPOCH),
            Duration.ofHours(1));
    private final DeviceRegistry devices = new DeviceRegistry(Duration.ofSeconds(30));
    private final SpiHandler handler = new SpiHandler(devices);
    private final Bindings bindings = handler.bindings();
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

    private static DeviceSetup setup(String device, Optional<Integer> mode, Optional<Long> speed) {
        return new DeviceSetup(device, mode, speed, Optional.empty(), Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty());
    }

    private DeviceSettings open(Caller caller, String device) throws Refused, InterruptedException {
        return call(caller, SPI_DEVICE_OPEN, setup(device, Optional.empty(), Optional.empty()));
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
    void listsDevices() throws Exception {
        open(bob, "sim-spi-1");
        assertEquals(List.of(
                new DeviceEntry("sim-spi-0", 0, 0, "simulated", 4096, true, Optional.empty()),
                new DeviceEntry("sim-spi-1", 0, 1, "simulated", 4096, true, Optional.of("bob"))),
                call(ada, SPI_BUS_LIST, None.NONE).devices());
    }

    @Test
    void configuresWhatIsNamedAndKeepsTheRest() throws Exception {
        assertEquals(new DeviceSettings(0, 1_000_000, 8, false, false, false, false, false),
                open(ada, "sim-spi-0"));
        DeviceSettings changed = new DeviceSettings(3, 2_000_000, 8, false, false, false, false, false);
        assertEquals(changed,
                call(ada, SPI_CONFIGURE, setup("sim-spi-0", Optional.of(3), Optional.of(2_000_000L))));
        refused(ErrorCode.BAD_REQUEST, "Invalid argument", () -> call(ada, SPI_CONFIGURE,
                setup("sim-spi-0", Optional.empty(), Optional.of(100_000_000L))));
        assertEquals(changed, open(ada, "sim-spi-0"), "opening again changes nothing");
    }

    @Test
    void transfersSegmentsUnderOneChipSelect() throws Exception {
        open(ada, "sim-spi-1");
        assertEquals(List.of(Bytes.ofHex("ff"), Bytes.ofHex("ef4016")), call(ada, SPI_TRANSFER,
                new Transfer("sim-spi-1", List.of(send("9f", false), receive(3)))).received());
        assertEquals(List.of(Bytes.ofHex("ff"), Bytes.ofHex("ffffff")), call(ada, SPI_TRANSFER,
                new Transfer("sim-spi-1", List.of(send("9f", true), receive(3)))).received());
    }

    @Test
    void readsAndWrites() throws Exception {
        open(ada, "sim-spi-0");
        assertEquals(3, call(ada, SPI_WRITE, new SpiWrite("sim-spi-0", Bytes.ofHex("010203"))).written());
        assertEquals(Bytes.ofHex("0000"), call(ada, SPI_READ, new SpiRead("sim-spi-0", 2)).data());
        refused(ErrorCode.BAD_REQUEST, "at most 4096 bytes, not 4097",
                () -> call(ada, SPI_READ, new SpiRead("sim-spi-0", 4097)));
        refused(ErrorCode.BAD_REQUEST, "either send or length", () -> call(ada, SPI_TRANSFER,
                new Transfer("sim-spi-0",
                List.of(new Segment(Optional.empty(), Optional.empty(), Optional.empty(),
                        Optional.empty(), Optional.empty(), Optional.empty())))));
    }

    @Test
    void belongsToOneNodeUntilItIsClosed() throws Exception {
        refused(ErrorCode.BAD_REQUEST, "sim-spi-0 is not open",
                () -> call(ada, SPI_READ, new SpiRead("sim-spi-0", 1)));
        open(ada, "sim-spi-0");
        refused(ErrorCode.FORBIDDEN, "ada", () -> open(bob, "sim-spi-0"));
        ada.endSession();
        TestCaller again = new TestCaller("ada", 3);
        call(again, SPI_READ, new SpiRead("sim-spi-0", 1));
        call(again, SPI_DEVICE_CLOSE, new DeviceRef("sim-spi-0"));
        open(bob, "sim-spi-0");
    }

    @Test
    void leavesWhatIsOpenToItsNextVersionAndItsDriversNext() throws Exception {
        call(ada, SPI_DEVICE_OPEN, setup("sim-spi-0", Optional.of(3), Optional.of(2_000_000L)));
        SpiHandler next = new SpiHandler(devices);
        handler.stop();
        DeviceSettings kept = new DeviceSettings(3, 2_000_000, 8, false, false, false, false, false);
        assertEquals(kept, open(ada, "sim-spi-0"));
        UsedSpiDevice used = devices.leaseOf(ada, "sim-spi-0").orElseThrow().use(UsedSpiDevice.class)
                .orElseThrow();
        used.suspend();
        refused(ErrorCode.SERVICE_UNAVAILABLE, "is being replaced",
                () -> call(ada, SPI_READ, new SpiRead("sim-spi-0", 1)));
        assertTrue(used.resume(devices.device("sim-spi-0").orElseThrow()));
        call(ada, SPI_READ, new SpiRead("sim-spi-0", 1));
        assertEquals(kept, open(ada, "sim-spi-0"));
        next.stop();
        refused(ErrorCode.BAD_REQUEST, "sim-spi-0 is not open",
                () -> call(ada, SPI_READ, new SpiRead("sim-spi-0", 1)));
    }

    @Test
    void tellsAUserThatItsDeviceFailsOrIsGone() throws Exception {
        open(ada, "sim-spi-0");
        zoo.faults().failEvery(1);
        refused(ErrorCode.SERVICE_UNAVAILABLE, "Input/output error",
                () -> call(ada, SPI_READ, new SpiRead("sim-spi-0", 1)));
        zoo.unplug("sim-spi-0");
        refused(ErrorCode.NOT_FOUND, "", () -> call(ada, SPI_READ, new SpiRead("sim-spi-0", 1)));
    }
}
