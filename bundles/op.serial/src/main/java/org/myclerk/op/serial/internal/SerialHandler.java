package org.myclerk.op.serial.internal;

import static org.myclerk.op.serial.SerialOperations.SERIAL_BREAK;
import static org.myclerk.op.serial.SerialOperations.SERIAL_CONTROL_GET;
import static org.myclerk.op.serial.SerialOperations.SERIAL_CONTROL_SET;
import static org.myclerk.op.serial.SerialOperations.SERIAL_DATA_READ;
import static org.myclerk.op.serial.SerialOperations.SERIAL_DATA_WRITE;
import static org.myclerk.op.serial.SerialOperations.SERIAL_PORT_CLOSE;
import static org.myclerk.op.serial.SerialOperations.SERIAL_PORT_CONFIGURE;
import static org.myclerk.op.serial.SerialOperations.SERIAL_PORT_LIST;
import static org.myclerk.op.serial.SerialOperations.SERIAL_PORT_OPEN;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import org.myclerk.api.device.Devices;
import org.myclerk.api.device.Devices.Listed;
import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.Answers;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.OperationHandler;
import org.myclerk.api.operation.OperationRange;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;
import org.myclerk.device.serial.OpenSerialPort;
import org.myclerk.device.serial.SerialLines;
import org.myclerk.device.serial.SerialPort;
import org.myclerk.device.serial.SerialPort.Feature;
import org.myclerk.device.serial.SerialSettings;
import org.myclerk.op.serial.ControlLines;
import org.myclerk.op.serial.ControlSet;
import org.myclerk.op.serial.FlowControl;
import org.myclerk.op.serial.Parity;
import org.myclerk.op.serial.PortBreak;
import org.myclerk.op.serial.PortData;
import org.myclerk.op.serial.PortInfo;
import org.myclerk.op.serial.PortList;
import org.myclerk.op.serial.PortRead;
import org.myclerk.op.serial.PortRef;
import org.myclerk.op.serial.PortSettings;
import org.myclerk.op.serial.PortSetup;
import org.myclerk.op.serial.PortWrite;
import org.myclerk.op.serial.Rs485;
import org.myclerk.op.serial.SerialOperations;
import org.myclerk.op.serial.StopBits;
import org.myclerk.op.serial.Written;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Serves the serial range (§6.3.2) on whatever serial ports the node has. An open port is an exclusive lease: it stays
 * open while the lease lasts, over the grace time after a session and into the one that follows.
 */
@Component
@OperationRange(first = 0x0610, last = 0x061F)
public final class SerialHandler implements OperationHandler {

    private static final int USUAL_MAX = 16_384;
    private static final int USUAL_TIMEOUT_MS = 1_000;
    private static final int USUAL_BREAK_MS = 250;
    private static final String NO_LINES = "has no control lines: it is a pseudo-terminal or a port of two wires";
    private static final Duration FOR_EVER = Duration.ofDays(365);

    private final Devices devices;
    private final ConcurrentMap<String, OpenPort> ports = new ConcurrentHashMap<>();

    @Activate
    public SerialHandler(@Reference Devices devices) {
        this.devices = devices;
    }

    /** Closes all ports. */
    @Deactivate
    public void stop() {
        ports.values().forEach(port -> port.lease().release());
    }

    @Override
    public Bindings bindings() {
        return SerialOperations.TABLE.bind()
                .to(SERIAL_PORT_LIST, this::list)
                .to(SERIAL_PORT_OPEN, this::open)
                .to(SERIAL_PORT_CLOSE, this::close)
                .to(SERIAL_PORT_CONFIGURE, this::configure)
                .to(SERIAL_DATA_WRITE, this::write)
                .following(SERIAL_DATA_READ, this::read)
                .to(SERIAL_CONTROL_SET, this::setLines)
                .to(SERIAL_CONTROL_GET, this::lines)
                .to(SERIAL_BREAK, this::sendBreak)
                .done();
    }

    private PortList list(Caller caller, None request) {
        return new PortList(devices.visibleTo(caller, SerialPort.class).stream().map(SerialHandler::info).toList());
    }

    private static PortInfo info(Listed listed) {
        Map<String, Object> properties = listed.info().properties().toMap();
        return new PortInfo(listed.info().id(), listed.info().name(), listed.info().place(),
                Boolean.TRUE.equals(properties.get("control-lines")), Boolean.TRUE.equals(properties.get("break")),
                Boolean.TRUE.equals(properties.get("rs485")), listed.info().simulated(), listed.holder());
    }

    private PortSettings open(Caller caller, PortSetup request) throws Refused {
        String id = request.port();
        SerialPort port = devices.get(caller, id, SerialPort.class);
        SerialSettings wanted = merge(request, SerialSettings.USUAL);
        refuseWhatItCannot(id, port.features(), wanted);
        Lease lease = devices.lease(caller, id, Lease.Mode.EXCLUSIVE);
        OpenPort mine = new OpenPort(id, lease);
        OpenPort before = ports.putIfAbsent(id, mine);
        if (before != null && before.lease() != lease) {
            lease.release();
            throw Refused.unavailable("%s is being closed: try again".formatted(id));
        }
        if (before != null) {
            return answer(setUp(before, port.features(), request));
        }
        OpenSerialPort driver;
        try {
            driver = port.open(wanted);
        } catch (IOException e) {
            ports.remove(id, mine);
            lease.release();
            throw Refused.unavailable("cannot open %s: %s".formatted(id, e.getMessage()));
        }
        mine.start(driver);
        lease.onEnd(end -> {
            mine.end(reason(id, end), end != Lease.End.VANISHED);
            ports.remove(id, mine);
        });
        return answer(driver.settings());
    }

    private static Refused reason(String id, Lease.End end) {
        return switch (end) {
            case RELEASED -> Refused.unavailable("%s was closed: open it again".formatted(id));
            case EXPIRED -> Refused.unavailable("%s was closed, the session had ended: open it again".formatted(id));
            case REVOKED -> Refused.forbidden("%s was taken back by an administrator: ask for it".formatted(id));
            case VANISHED -> Refused.notFound("%s was unplugged: open it again when it is back".formatted(id));
            case STOPPED -> Refused.unavailable("%s was closed, the node stops: open it again later".formatted(id));
        };
    }

    private Done close(Caller caller, PortRef request) throws Refused {
        use(caller, request.port()).lease().release();
        return Done.DONE;
    }

    private PortSettings configure(Caller caller, PortSetup request) throws Refused {
        OpenPort port = use(caller, request.port());
        return answer(setUp(port, devices.get(caller, request.port(), SerialPort.class).features(), request));
    }

    private static SerialSettings setUp(OpenPort port, Set<Feature> features, PortSetup request) throws Refused {
        OpenSerialPort driver = port.driver();
        SerialSettings wanted = merge(request, driver.settings());
        refuseWhatItCannot(request.port(), features, wanted);
        if (!wanted.equals(driver.settings())) {
            try {
                driver.configure(wanted);
            } catch (IOException e) {
                throw Refused.badRequest("%s cannot run at %s: %s".formatted(request.port(), wanted, e.getMessage()));
            }
        }
        return driver.settings();
    }

    private Written write(Caller caller, PortWrite request) throws Refused, InterruptedException {
        OpenPort port = use(caller, request.port());
        try {
            port.driver().write(request.data());
        } catch (IOException e) {
            throw port.fail(e);
        }
        return new Written(request.data().length());
    }

    private PortData read(Caller caller, PortRead request, Answers<PortData> answers)
            throws Refused, InterruptedException {
        OpenPort port = use(caller, request.port());
        int max = request.max().orElse(USUAL_MAX);
        try (OpenPort.Reading reading = port.read(caller.nodeId())) {
            if (!answers.followed()) {
                Duration timeout = Duration.ofMillis(request.timeoutMs().orElse(USUAL_TIMEOUT_MS));
                return reading.take(max, timeout, () -> false);
            }
            answers.onEnd(reading::wake);
            while (true) {
                PortData data = reading.take(max, FOR_EVER, answers::ended);
                if (data.data().isEmpty() || !sent(reading, data, answers)) {
                    return data;
                }
            }
        }
    }

    /**
     * @return false if the caller ended the call: the data goes with its last answer
     * @throws Refused if the port has gone to another node, and the data with it
     */
    private static boolean sent(OpenPort.Reading reading, PortData data, Answers<PortData> answers)
            throws Refused, InterruptedException {
        boolean sent;
        try {
            sent = answers.send(data);
        } catch (InterruptedException sessionEnded) {
            reading.putBack(data);
            throw sessionEnded;
        }
        if (!sent && reading.moved()) {
            reading.putBack(data);
            throw reading.gone();
        }
        return sent;
    }

    private Done setLines(Caller caller, ControlSet request) throws Refused {
        OpenSerialPort driver = use(caller, request.port(), Feature.CONTROL_LINES, NO_LINES).driver();
        try {
            driver.setLines(request.dtr(), request.rts());
        } catch (IOException e) {
            throw Refused.unavailable("cannot set the control lines of %s: %s"
                    .formatted(request.port(), e.getMessage()));
        }
        return Done.DONE;
    }

    private ControlLines lines(Caller caller, PortRef request) throws Refused {
        OpenSerialPort driver = use(caller, request.port(), Feature.CONTROL_LINES, NO_LINES).driver();
        try {
            SerialLines lines = driver.lines();
            return new ControlLines(lines.dtr(), lines.rts(), lines.cts(), lines.dsr(), lines.dcd(), lines.ri());
        } catch (IOException e) {
            throw Refused.unavailable("cannot read the control lines of %s: %s"
                    .formatted(request.port(), e.getMessage()));
        }
    }

    private Done sendBreak(Caller caller, PortBreak request) throws Refused, InterruptedException {
        OpenSerialPort driver = use(caller, request.port(), Feature.BREAK, "cannot send a break").driver();
        try {
            driver.sendBreak(Duration.ofMillis(request.durationMs().orElse(USUAL_BREAK_MS)));
        } catch (IOException e) {
            throw Refused.unavailable("%s cannot send a break: %s".formatted(request.port(), e.getMessage()));
        }
        return Done.DONE;
    }

    /** The port, which the caller's node has open. */
    private OpenPort use(Caller caller, String id) throws Refused {
        Optional<Lease> lease = devices.leaseOf(caller, id);
        OpenPort port = ports.get(id);
        if (lease.isPresent() && port != null && port.lease() == lease.get()) {
            return port;
        }
        devices.get(caller, id, SerialPort.class);
        throw Refused.badRequest("%s is not open: open it first".formatted(id));
    }

    private OpenPort use(Caller caller, String id, Feature feature, String otherwise) throws Refused {
        OpenPort port = use(caller, id);
        if (!devices.get(caller, id, SerialPort.class).features().contains(feature)) {
            throw Refused.badRequest("%s %s".formatted(id, otherwise));
        }
        return port;
    }

    private static void refuseWhatItCannot(String id, Set<Feature> features, SerialSettings wanted) throws Refused {
        if (wanted.rs485().isPresent() && !features.contains(Feature.RS485)) {
            throw Refused.badRequest("%s has no RS-485 direction control: leave rs485 out".formatted(id));
        }
        if (wanted.flowControl() == SerialSettings.FlowControl.RTS_CTS && !features.contains(Feature.CONTROL_LINES)) {
            throw Refused.badRequest("%s has no control lines: use flow control none or xon-xoff".formatted(id));
        }
    }

    private static SerialSettings merge(PortSetup request, SerialSettings base) {
        return new SerialSettings(request.baud().orElse(base.baud()), request.dataBits().orElse(base.dataBits()),
                request.stopBits().map(it -> SerialSettings.StopBits.valueOf(it.name())).orElse(base.stopBits()),
                request.parity().map(it -> SerialSettings.Parity.valueOf(it.name())).orElse(base.parity()),
                request.flowControl().map(it -> SerialSettings.FlowControl.valueOf(it.name()))
                        .orElse(base.flowControl()),
                request.rs485().isEmpty() ? base.rs485() : request.rs485().filter(Rs485::enabled)
                        .map(it -> new SerialSettings.Rs485(it.rtsActiveHigh(), it.receiveWhileSending(),
                                it.termination(), it.delayBeforeMicros(), it.delayAfterMicros())));
    }

    private static PortSettings answer(SerialSettings settings) {
        return new PortSettings(settings.baud(), settings.dataBits(), StopBits.valueOf(settings.stopBits().name()),
                Parity.valueOf(settings.parity().name()), FlowControl.valueOf(settings.flowControl().name()),
                settings.rs485().map(it -> new Rs485(true, it.rtsActiveHigh(), it.receiveWhileSending(),
                        it.termination(), it.delayBeforeMicros(), it.delayAfterMicros())));
    }
}
