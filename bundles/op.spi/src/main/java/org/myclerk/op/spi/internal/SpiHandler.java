package org.myclerk.op.spi.internal;

import static org.myclerk.op.spi.SpiOperations.SPI_BUS_LIST;
import static org.myclerk.op.spi.SpiOperations.SPI_CONFIGURE;
import static org.myclerk.op.spi.SpiOperations.SPI_DEVICE_CLOSE;
import static org.myclerk.op.spi.SpiOperations.SPI_DEVICE_OPEN;
import static org.myclerk.op.spi.SpiOperations.SPI_READ;
import static org.myclerk.op.spi.SpiOperations.SPI_TRANSFER;
import static org.myclerk.op.spi.SpiOperations.SPI_WRITE;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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
import org.myclerk.device.UsedDevice;
import org.myclerk.device.spi.OpenSpiDevice;
import org.myclerk.device.spi.SpiDevice;
import org.myclerk.device.spi.SpiSegment;
import org.myclerk.device.spi.SpiSettings;
import org.myclerk.device.spi.UsedSpiDevice;
import org.myclerk.op.spi.DeviceEntry;
import org.myclerk.op.spi.DeviceList;
import org.myclerk.op.spi.DeviceRef;
import org.myclerk.op.spi.DeviceSettings;
import org.myclerk.op.spi.DeviceSetup;
import org.myclerk.op.spi.Received;
import org.myclerk.op.spi.Segment;
import org.myclerk.op.spi.SpiData;
import org.myclerk.op.spi.SpiOperations;
import org.myclerk.op.spi.SpiRead;
import org.myclerk.op.spi.SpiWrite;
import org.myclerk.op.spi.Transfer;
import org.myclerk.op.spi.Written;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Serves the SPI range (§6.3.5) on whatever devices the node has. An open device is an exclusive lease: it
 * stays open while the lease lasts, over the grace time after a session and into the one that follows.
 */
@Component
@OperationRange(name = "spi", first = 0x0640, last = 0x064F)
public final class SpiHandler implements OperationHandler {

    private final Devices devices;
    private final Subscription serving;

    @Activate
    public SpiHandler(@Reference Devices devices) {
        this.devices = devices;
        this.serving = devices.serving(SpiDevice.class, UsedSpiDevice::of, _ -> { });
    }

    /** Devices that are open stay so for the next version; without one they are closed. */
    @Deactivate
    public void stop() {
        serving.close();
    }

    @Override
    public Bindings bindings() {
        return SpiOperations.TABLE.bind()
                .to(SPI_BUS_LIST, this::list)
                .to(SPI_DEVICE_OPEN, this::open)
                .to(SPI_DEVICE_CLOSE, this::close)
                .to(SPI_CONFIGURE, this::configure)
                .to(SPI_TRANSFER, this::transfer)
                .to(SPI_WRITE, this::write)
                .to(SPI_READ, this::read)
                .done();
    }

    private DeviceList list(Caller caller, None request) {
        return new DeviceList(devices.visibleTo(caller, SpiDevice.class).stream().map(SpiHandler::entry)
                .toList());
    }

    private static DeviceEntry entry(Listed listed) {
        Map<String, Object> properties = listed.info().properties().toMap();
        return new DeviceEntry(listed.info().id(), number(properties.get("bus")),
                number(properties.get("chip-select")), listed.info().place(),
                number(properties.get("buffer-size")),
                listed.info().simulated(), listed.holder());
    }

    private static int number(Object property) {
        return property instanceof Number number ? number.intValue() : 0;
    }

    private DeviceSettings open(Caller caller, DeviceSetup request) throws Refused {
        String id = request.device();
        SpiDevice device = devices.get(caller, id, SpiDevice.class);
        SpiSettings wanted;
        try {
            wanted = merge(request, device.settings());
        } catch (DeviceException e) {
            throw e.refused();
        }
        Lease lease = devices.lease(caller, id, Lease.Mode.EXCLUSIVE);
        UsedSpiDevice mine = new UsedSpiDevice(lease, wanted);
        UsedSpiDevice kept = lease.use(mine);
        if (kept != mine) {
            return setUp(kept, request);
        }
        mine.start(device);
        return answer(mine.driver().settings());
    }

    private Done close(Caller caller, DeviceRef request) throws Refused {
        use(caller, request.device()).lease().release();
        return Done.DONE;
    }

    private DeviceSettings configure(Caller caller, DeviceSetup request) throws Refused {
        return setUp(use(caller, request.device()), request);
    }

    private static DeviceSettings setUp(UsedSpiDevice device, DeviceSetup request) throws Refused {
        OpenSpiDevice driver = device.driver();
        try {
            SpiSettings wanted = merge(request, driver.settings());
            if (!wanted.equals(driver.settings())) {
                device.configure(wanted);
            }
            return answer(driver.settings());
        } catch (DeviceException e) {
            throw e.refused();
        }
    }

    private Received transfer(Caller caller, Transfer request) throws Refused {
        List<SpiSegment> segments = new ArrayList<>();
        for (Segment segment : request.segments()) {
            if (segment.send().isPresent() == segment.length().isPresent()) {
                throw Refused.badRequest("a segment has either send or length");
            }
            Bytes send = segment.send().orElse(Bytes.EMPTY);
            segments.add(new SpiSegment(send, segment.length().orElse(send.length()),
                    segment.csChange().orElse(false), segment.delayMicros().orElse(0),
                    segment.speedHz().orElse(0L),
                    segment.bitsPerWord().orElse(0)));
        }
        return new Received(run(caller, request.device(), segments));
    }

    private Written write(Caller caller, SpiWrite request) throws Refused {
        run(caller, request.device(), List.of(SpiSegment.of(request.data())));
        return new Written(request.data().length());
    }

    private SpiData read(Caller caller, SpiRead request) throws Refused {
        return new SpiData(run(caller, request.device(), List.of(SpiSegment.reading(request.length())))
                .getFirst());
    }

    private List<Bytes> run(Caller caller, String id, List<SpiSegment> segments) throws Refused {
        OpenSpiDevice driver = use(caller, id).driver();
        int limit = devices.get(caller, id, SpiDevice.class).bufferSize();
        long length = segments.stream().mapToLong(SpiSegment::length).sum();
        if (length > limit) {
            throw Refused.badRequest("a transfer on %s has at most %d bytes, not %d".formatted(id, limit,
                    length));
        }
        try {
            return driver.transfer(segments);
        } catch (DeviceException e) {
            throw e.refused();
        }
    }

    /** The device, which the caller's node has open. */
    private UsedSpiDevice use(Caller caller, String id) throws Refused {
        return UsedDevice.of(devices, caller, id, SpiDevice.class, UsedSpiDevice.class);
    }

    private static SpiSettings merge(DeviceSetup request, SpiSettings base) {
        return new SpiSettings(request.mode().orElse(base.mode()), request.speedHz().orElse(base.speedHz()),
                request.bitsPerWord().orElse(base.bitsPerWord()),
                request.lsbFirst().orElse(base.leastSignificantBitFirst()),
                request.csHigh().orElse(base.chipSelectHigh()), request.noCs().orElse(base.noChipSelect()),
                request.threeWire().orElse(base.threeWire()), request.loop().orElse(base.loop()));
    }

    private static DeviceSettings answer(SpiSettings settings) {
        return new DeviceSettings(settings.mode(), settings.speedHz(), settings.bitsPerWord(),
                settings.leastSignificantBitFirst(), settings.chipSelectHigh(), settings.noChipSelect(),
                settings.threeWire(), settings.loop());
    }
}
