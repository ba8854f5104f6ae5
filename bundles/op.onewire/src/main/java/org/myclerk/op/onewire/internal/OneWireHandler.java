package org.myclerk.op.onewire.internal;

import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_BUS_LIST;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_MATCH_ROM;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_READ;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_READ_ROM;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_RESET;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_SEARCH;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_SKIP_ROM;
import static org.myclerk.op.onewire.OneWireOperations.ONEWIRE_WRITE;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.device.Devices;
import org.myclerk.api.device.Devices.Listed;
import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.OperationHandler;
import org.myclerk.api.operation.OperationRange;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;
import org.myclerk.device.DeviceException;
import org.myclerk.device.onewire.Crc8;
import org.myclerk.device.onewire.OneWireBus;
import org.myclerk.device.onewire.OneWireBus.Outcome;
import org.myclerk.device.onewire.OneWireBus.Step;
import org.myclerk.device.onewire.RomCode;
import org.myclerk.device.onewire.UsedBus;
import org.myclerk.op.onewire.BusInfo;
import org.myclerk.op.onewire.BusList;
import org.myclerk.op.onewire.BusRef;
import org.myclerk.op.onewire.Data;
import org.myclerk.op.onewire.Found;
import org.myclerk.op.onewire.Match;
import org.myclerk.op.onewire.OneWireOperations;
import org.myclerk.op.onewire.Presence;
import org.myclerk.op.onewire.Read;
import org.myclerk.op.onewire.Rom;
import org.myclerk.op.onewire.Search;
import org.myclerk.op.onewire.Skip;
import org.myclerk.op.onewire.Write;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Serves the 1-Wire range (§6.3.7). A whole transaction needs no hold of the bus, because a driver does it in
 * one piece. Steps take the bus for their caller (decision 66): an exclusive lease, which ends when no step
 * came for some time.
 */
@Component
@OperationRange(name = "onewire", first = 0x0660, last = 0x066F)
public final class OneWireHandler implements OperationHandler {

    private static final Duration IDLE = Duration.ofSeconds(2);
    private static final Bytes READ_ROM = Bytes.wrap((byte) 0x33);
    private static final Bytes SKIP_ROM = Bytes.wrap((byte) 0xCC);
    private static final byte MATCH_ROM = 0x55;

    private final Devices devices;
    private final Duration idle;
    private final Subscription serving;

    @Activate
    public OneWireHandler(@Reference Devices devices) {
        this(devices, IDLE);
    }

    /** @param idle how long a bus stays with a caller who does no step */
    OneWireHandler(Devices devices, Duration idle) {
        this.devices = devices;
        this.idle = idle;
        this.serving = devices.serving(OneWireBus.class);
    }

    /** Buses stay with their callers for the next version; without one they are given back. */
    @Deactivate
    public void stop() {
        serving.close();
    }

    @Override
    public Bindings bindings() {
        return OneWireOperations.TABLE.bind()
                .to(ONEWIRE_BUS_LIST, this::list)
                .to(ONEWIRE_SEARCH, this::search)
                .to(ONEWIRE_RESET, this::reset)
                .to(ONEWIRE_READ_ROM, this::readRom)
                .to(ONEWIRE_MATCH_ROM, this::match)
                .to(ONEWIRE_SKIP_ROM, this::skip)
                .to(ONEWIRE_READ, this::read)
                .to(ONEWIRE_WRITE, this::write)
                .done();
    }

    private BusList list(Caller caller, None request) {
        return new BusList(devices.visibleTo(caller, OneWireBus.class).stream().map(OneWireHandler::info)
                .toList());
    }

    private static BusInfo info(Listed listed) {
        return new BusInfo(listed.info().id(), listed.info().name(), listed.info().place(),
                listed.info().simulated(),
                listed.holder());
    }

    private Found search(Caller caller, Search request) throws Refused, InterruptedException {
        OneWireBus bus = bus(caller, request.bus());
        try {
            return new Found(bus.search(request.alarmed().orElse(false)).stream().map(OneWireHandler::rom)
                    .toList());
        } catch (DeviceException e) {
            throw e.refused();
        }
    }

    private Presence reset(Caller caller, BusRef request) throws Refused, InterruptedException {
        hold(caller, request.bus());
        return new Presence(run(bus(caller, request.bus()), List.of(new Step.Reset())).present());
    }

    private Rom readRom(Caller caller, BusRef request) throws Refused, InterruptedException {
        Bytes code = select(caller, request.bus(), READ_ROM, Optional.empty(), Optional.of(RomCode.LENGTH));
        try {
            return rom(new RomCode(code));
        } catch (IllegalArgumentException wrong) {
            throw Refused.unavailable("%s: %s; with several devices on a bus, search instead"
                    .formatted(request.bus(), wrong.getMessage()));
        }
    }

    private Data match(Caller caller, Match request) throws Refused, InterruptedException {
        try {
            new RomCode(request.rom());
        } catch (IllegalArgumentException wrong) {
            throw Refused.badRequest("rom: " + wrong.getMessage());
        }
        byte[] selection = new byte[1 + RomCode.LENGTH];
        selection[0] = MATCH_ROM;
        request.rom().copyTo(selection, 1);
        if (request.write().isEmpty() && request.read().isEmpty()) {
            hold(caller, request.bus());
        }
        return checked(request.bus(), select(caller, request.bus(), Bytes.wrap(selection), request.write(),
                request.read()), request.crc());
    }

    private Data skip(Caller caller, Skip request) throws Refused, InterruptedException {
        if (request.write().isEmpty() && request.read().isEmpty()) {
            hold(caller, request.bus());
        }
        return checked(request.bus(), select(caller, request.bus(), SKIP_ROM, request.write(),
                request.read()),
                request.crc());
    }

    private Bytes select(Caller caller, String id, Bytes selection,
            Optional<Bytes> write, Optional<Integer> read)
            throws Refused, InterruptedException {
        List<Step> steps = new ArrayList<>(List.of(new Step.Reset(), new Step.Write(selection)));
        write.ifPresent(data -> steps.add(new Step.Write(data)));
        read.ifPresent(length -> steps.add(new Step.Read(length)));
        Outcome outcome = run(bus(caller, id), steps);
        if (!outcome.present()) {
            throw Refused.notFound("no device answers on %s: check the wires".formatted(id));
        }
        return outcome.data();
    }

    private Data read(Caller caller, Read request) throws Refused, InterruptedException {
        refuseWithoutSelection(caller, request.bus());
        return checked(request.bus(), run(bus(caller, request.bus()),
                List.of(new Step.Read(request.length()))).data(),
                request.crc());
    }

    private Done write(Caller caller, Write request) throws Refused, InterruptedException {
        refuseWithoutSelection(caller, request.bus());
        run(bus(caller, request.bus()), List.of(new Step.Write(request.data())));
        return Done.DONE;
    }

    private static Data checked(String id, Bytes data, Optional<Boolean> crc) throws Refused {
        if (crc.orElse(false) && Crc8.of(data) != 0) {
            throw Refused.unavailable(
                    "%s: the CRC of the %d bytes read is wrong: the device is not there, or the line "
                    .formatted(id, data.length()) + "is disturbed");
        }
        return new Data(data);
    }

    private static Rom rom(RomCode code) {
        return new Rom(code.bytes(), code.family(), code.toString());
    }

    private static Outcome run(OneWireBus bus, List<Step> steps) throws Refused, InterruptedException {
        try {
            return bus.run(steps);
        } catch (DeviceException e) {
            throw e.refused();
        }
    }

    private OneWireBus bus(Caller caller, String id) throws Refused {
        return devices.get(caller, id, OneWireBus.class);
    }

    /** A step begins, or goes on, to hold the bus for its caller. */
    private void hold(Caller caller, String id) throws Refused {
        OneWireBus bus = bus(caller, id);
        Lease lease = devices.lease(caller, id, Lease.Mode.EXCLUSIVE);
        UsedBus fresh = new UsedBus(lease, idle);
        UsedBus kept = lease.use(fresh);
        if (kept == fresh) {
            fresh.start(bus);
        } else {
            kept.step();
        }
    }

    private void refuseWithoutSelection(Caller caller, String id) throws Refused {
        Optional<UsedBus> held = devices.leaseOf(caller, id).flatMap(lease -> lease.use(UsedBus.class));
        if (held.isEmpty()) {
            bus(caller, id);
            throw Refused.badRequest(
                    "nothing is selected on %s: reset, and match or skip the ROM first".formatted(id));
        }
        held.get().step();
    }
}
