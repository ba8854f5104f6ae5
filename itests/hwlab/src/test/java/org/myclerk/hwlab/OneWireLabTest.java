package org.myclerk.hwlab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_BUS_LIST;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_MATCH_ROM;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_READ;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_READ_ROM;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_RESET;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_SEARCH;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_SKIP_ROM;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_WRITE;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.None;
import org.myclerk.op.onewire.BusInfo;
import org.myclerk.op.onewire.BusRef;
import org.myclerk.op.onewire.Match;
import org.myclerk.op.onewire.Read;
import org.myclerk.op.onewire.Rom;
import org.myclerk.op.onewire.Search;
import org.myclerk.op.onewire.Skip;
import org.myclerk.op.onewire.Write;

/**
 * 1-Wire on the laboratory's bus master with two DS18B20, seen from the other side by the kernel's own
 * drivers.
 */
@InLaboratory
final class OneWireLabTest {

    private static final Path DEVICES = Path.of("/sys/bus/w1/devices");
    /** How many of the thermometers are there. */
    private static final Path DEVICES_ON_THE_WIRE = Path.of("/sys/module/lab_w1/parameters/devices");
    private static final Pattern TEMPERATURE = Pattern.compile("t=(-?\\d+)");

    private LabNode node;
    private String bus;

    @BeforeEach
    void load() throws Exception {
        node = LabNode.shared();
        Lab.load("lab_w1");
        await(true);
        bus = call(ONEWIRE_BUS_LIST, None.NONE).buses().getFirst().bus();
    }

    private void await(boolean there) {
        Lab.until("the node notices the bus", () -> isListed() == there);
    }

    private boolean isListed() {
        try {
            return !call(ONEWIRE_BUS_LIST, None.NONE).buses().isEmpty();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private <Q, A> A call(Operation<Q, A> operation, Q request) throws Exception {
        return node.peer().call(operation, request);
    }

    private List<Rom> search() throws Exception {
        return call(ONEWIRE_SEARCH, new Search(bus, Optional.empty())).devices();
    }

    private Path master() throws Exception {
        BusInfo info = call(ONEWIRE_BUS_LIST, None.NONE).buses().getFirst();
        return Path.of(info.place());
    }

    private static double degrees(Bytes scratchpad) {
        return (short) (scratchpad.at(1) << 8 | scratchpad.at(0) & 0xFF) / 16.0;
    }

    private Bytes match(Rom rom, String write, int read) throws Exception {
        return call(ONEWIRE_MATCH_ROM, new Match(bus, rom.rom(), Optional.of(Bytes.ofHex(write)),
                read == 0 ? Optional.empty() : Optional.of(read), Optional.of(read == 9))).data();
    }

    @Test
    void findsWhatTheKernelFinds() throws Exception {
        List<String> names = search().stream().map(Rom::name).sorted().toList();
        assertEquals(2, names.size());
        Path slaves = master().resolve("w1_master_slaves");
        Lab.until("the kernel finds both", () -> Lab.read(slaves).lines().sorted().toList().equals(names));
        assertEquals(List.of(), call(ONEWIRE_SEARCH, new Search(bus, Optional.of(true))).devices());
    }

    @Test
    void readsTheTemperaturesThatTheKernelReads() throws Exception {
        call(ONEWIRE_SKIP_ROM, new Skip(bus, Optional.of(Bytes.ofHex("44")), Optional.empty(),
                Optional.empty()));
        for (Rom rom : search()) {
            double ours = degrees(match(rom, "be", 9));
            Matcher theirs = TEMPERATURE.matcher(Lab.run("cat",
                    "%s/%s/w1_slave".formatted(DEVICES, rom.name())));
            assertTrue(theirs.find());
            assertEquals(Integer.parseInt(theirs.group(1)), (int) (ours * 1000), rom.name());
        }
    }

    @Test
    void writesWhatTheDeviceKeeps() throws Exception {
        Rom rom = search().getFirst();
        match(rom, "4e55aa1f", 0);
        Bytes scratchpad = match(rom, "be", 9);
        assertEquals("55aa1f", scratchpad.slice(2, 3).toHex());
        assertEquals("-86 85", Lab.read(DEVICES.resolve(rom.name()).resolve("alarms")),
                "as the kernel's driver reads it");
        match(rom, "4e4b467f", 0);
    }

    @Test
    void readsAThermometerStepByStepWhileTheKernelKeepsQuiet() throws Exception {
        String searching = Lab.read(master().resolve("w1_master_search"));
        assertTrue(call(ONEWIRE_RESET, new BusRef(bus)).present());
        assertEquals("0", Lab.read(master().resolve("w1_master_search")));
        Rom rom = search().getFirst();
        call(ONEWIRE_MATCH_ROM, new Match(bus, rom.rom(), Optional.empty(), Optional.empty(),
                Optional.empty()));
        call(ONEWIRE_WRITE, new Write(bus, Bytes.ofHex("be")));
        Bytes scratchpad = call(ONEWIRE_READ, new Read(bus, 9, Optional.of(true))).data();
        assertEquals(match(rom, "be", 9), scratchpad);
        Path search = master().resolve("w1_master_search");
        Lab.until("the kernel may search again", () -> Lab.read(search).equals(searching));
    }

    @Test
    void readsTheRomOfTheOnlyDeviceAndTellsABusWithout() throws Exception {
        Rom first = search().stream().filter(rom -> rom.name().endsWith("11")).findFirst().orElseThrow();
        try {
            Lab.write(DEVICES_ON_THE_WIRE, "1");
            assertEquals(first, call(ONEWIRE_READ_ROM, new BusRef(bus)));
            assertTrue(call(ONEWIRE_RESET, new BusRef(bus)).present());
            Lab.write(DEVICES_ON_THE_WIRE, "0");
            assertFalse(call(ONEWIRE_RESET, new BusRef(bus)).present());
            assertEquals(List.of(), search());
            Lab.refused(ErrorCode.NOT_FOUND, "no device answers on " + bus, () -> match(first, "be", 9));
        } finally {
            Lab.write(DEVICES_ON_THE_WIRE, "2");
        }
        assertEquals(2, search().size());
    }

    @Test
    void tellsWhenBothAnswerAtOnce() {
        Lab.refused(ErrorCode.SERVICE_UNAVAILABLE, "search instead",
                () -> call(ONEWIRE_READ_ROM, new BusRef(bus)));
    }

    @Test
    void tellsABusThatGoesAway() throws Exception {
        Lab.unload("lab_w1");
        Lab.refused(ErrorCode.NOT_FOUND, "such device", this::search);
        await(false);
        Lab.load("lab_w1");
        await(true);
        bus = call(ONEWIRE_BUS_LIST, None.NONE).buses().getFirst().bus();
        assertEquals(2, search().size());
    }

    @Test
    void showsTemperaturesAtTheCommandLine() throws Exception {
        String said = node.cli("onewire", "self", "temperature");
        assertTrue(said.contains("28-665544332211  25.0625\n") && said.contains("28-665544332212  -10.5\n"),
                said);
        assertFalse(said.contains("myclerk:"), said);
    }
}
