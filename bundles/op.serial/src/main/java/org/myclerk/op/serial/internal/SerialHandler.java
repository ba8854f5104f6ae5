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

import org.myclerk.api.client.Peer.Subscription;
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
import org.myclerk.device.UsedDevice;
import org.myclerk.device.serial.OpenSerialPort;
import org.myclerk.device.serial.Received;
import org.myclerk.device.serial.SerialLines;
import org.myclerk.device.serial.SerialPort;
import org.myclerk.device.serial.SerialPort.Feature;
import org.myclerk.device.serial.SerialSettings;
import org.myclerk.device.serial.UsedPort;
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
 * Serves the serial range (§6.3.2) on whatever serial ports the node has. An open port is an exclusive lease:
 * it stays open while the lease lasts, over the grace time after a session and into the one that follows.
 */
@Component
@OperationRange(name = "serial", first = 0x0610, last = 0x061F)
public final class SerialHandler implements OperationHandler {

    private static final int USUAL_MAX = 16_384;
    private static final int USUAL_TIMEOUT_MS = 1_000;
    private static final int USUAL_BREAK_MS = 250;
    private static final String NO_LINES =
            "has no control lines: it is a pseudo-terminal or a port of two wires";
    private static final Duration FOR_EVER = Duration.ofDays(365);

    private final Devices devices;
    private final Subscription serving;

    @Activate
    public SerialHandler(@Reference Devices devices) {
        this.devices = devices;
        this.serving = devices.serving(SerialPort.class, UsedPort::of, _ -> { });
    }

    /** Ports that are open stay so for the next version; without one they are closed. */
    @Deactivate
    public void stop() {
        serving.close();
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
        return new PortList(devices.visibleTo(caller, SerialPort.class).stream().map(SerialHandler::info)
                .toList());
    }

    private static PortInfo info(Listed listed) {
        Map<String, Object> properties = listed.info().properties().toMap();
        return new PortInfo(listed.info().id(), listed.info().name(), listed.info().place(),
                Boolean.TRUE.equals(properties.get("control-lines")),
                Boolean.TRUE.equals(properties.get("break")),
                Boolean.TRUE.equals(properties.get("rs485")), listed.info().simulated(), listed.holder());
    }

    private PortSettings open(Caller caller, PortSetup request) throws Refused {
        String id = request.port();
        SerialPort port = devices.get(caller, id, SerialPort.class);
        SerialSettings wanted = merge(request, SerialSettings.USUAL);
        refuseWhatItCannot(id, port.features(), wanted);
        Lease lease = devices.lease(caller, id, Lease.Mode.EXCLUSIVE);
        UsedPort mine = new UsedPort(lease, wanted);
        UsedPort kept = lease.use(mine);
        if (kept != mine) {
            return answer(setUp(kept, port.features(), request));
        }
        mine.start(port);
        return answer(mine.driver().settings());
    }

    private Done close(Caller caller, PortRef request) throws Refused {
        use(caller, request.port()).lease().release();
        return Done.DONE;
    }

    private PortSettings configure(Caller caller, PortSetup request) throws Refused {
        UsedPort port = use(caller, request.port());
        return answer(setUp(port, devices.get(caller, request.port(), SerialPort.class).features(), request));
    }

    private static SerialSettings setUp(UsedPort port, Set<Feature> features, PortSetup request)
            throws Refused {
        OpenSerialPort driver = port.driver();
        SerialSettings wanted = merge(request, driver.settings());
        refuseWhatItCannot(request.port(), features, wanted);
        if (!wanted.equals(driver.settings())) {
            try {
                port.configure(wanted);
            } catch (IOException e) {
                throw Refused.badRequest("%s cannot run at %s: %s".formatted(request.port(), wanted,
                        e.getMessage()));
            }
        }
        return driver.settings();
    }

    private Written write(Caller caller, PortWrite request) throws Refused, InterruptedException {
        use(caller, request.port()).write(request.data());
        return new Written(request.data().length());
    }

    private PortData read(Caller caller, PortRead request, Answers<PortData> answers)
            throws Refused, InterruptedException {
        UsedPort port = use(caller, request.port());
        int max = request.max().orElse(USUAL_MAX);
        try (UsedPort.Reading reading = port.read(caller.nodeId())) {
            answers.movable(reading::wake);
            if (!answers.followed()) {
                Duration timeout = Duration.ofMillis(request.timeoutMs().orElse(USUAL_TIMEOUT_MS));
                Received received = reading.take(max, timeout, answers::moves);
                return received.data().isEmpty() && answers.moves() ? null : data(received);
            }
            answers.onEnd(reading::wake);
            while (true) {
                Received received = reading.take(max, FOR_EVER, () -> answers.ended() || answers.moves());
                boolean nothing = received.data().isEmpty() && !received.reopened();
                if (nothing && answers.moves()) {
                    return null;
                }
                if (nothing || !sent(reading, received, answers)) {
                    return answers.moves() ? null : data(received);
                }
            }
        }
    }

    private static PortData data(Received received) {
        return new PortData(received.data(), received.lost() == 0 ? Optional.empty()
                : Optional.of(received.lost()),
                received.reopened() ? Optional.of(true) : Optional.empty());
    }

    /**
     * @return false if the caller ended the call: the data goes with its last answer; or if the next version
     *     of this handler goes on with it: that has the data then
     * @throws Refused if the port has gone to another node, and the data with it
     */
    private static boolean sent(UsedPort.Reading reading, Received received, Answers<PortData> answers)
            throws Refused, InterruptedException {
        boolean sent;
        try {
            sent = answers.send(data(received));
        } catch (InterruptedException sessionEnded) {
            reading.putBack(received);
            throw sessionEnded;
        }
        if (!sent && reading.moved()) {
            reading.putBack(received);
            throw reading.gone();
        }
        if (!sent && answers.moves()) {
            reading.putBack(received);
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
            return new ControlLines(lines.dtr(), lines.rts(), lines.cts(), lines.dsr(), lines.dcd(),
                    lines.ri());
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
    private UsedPort use(Caller caller, String id) throws Refused {
        return UsedDevice.of(devices, caller, id, SerialPort.class, UsedPort.class);
    }

    private UsedPort use(Caller caller, String id, Feature feature, String otherwise) throws Refused {
        UsedPort port = use(caller, id);
        if (!devices.get(caller, id, SerialPort.class).features().contains(feature)) {
            throw Refused.badRequest("%s %s".formatted(id, otherwise));
        }
        return port;
    }

    private static void refuseWhatItCannot(String id, Set<Feature> features, SerialSettings wanted)
            throws Refused {
        if (wanted.rs485().isPresent() && !features.contains(Feature.RS485)) {
            throw Refused.badRequest("%s has no RS-485 direction control: leave rs485 out".formatted(id));
        }
        if (wanted.flowControl() == SerialSettings.FlowControl.RTS_CTS
                && !features.contains(Feature.CONTROL_LINES)) {
            throw Refused.badRequest("%s has no control lines: use flow control none or xon-xoff".formatted(
                    id));
        }
    }

    private static SerialSettings merge(PortSetup request, SerialSettings base) {
        return new SerialSettings(request.baud().orElse(base.baud()),
                request.dataBits().orElse(base.dataBits()),
                request.stopBits().map(it -> SerialSettings.StopBits.valueOf(it.name()))
                .orElse(base.stopBits()),
                request.parity().map(it -> SerialSettings.Parity.valueOf(it.name())).orElse(base.parity()),
                request.flowControl().map(it -> SerialSettings.FlowControl.valueOf(it.name()))
                        .orElse(base.flowControl()),
                request.rs485().isEmpty() ? base.rs485() : request.rs485().filter(Rs485::enabled)
                        .map(it -> new SerialSettings.Rs485(it.rtsActiveHigh(), it.receiveWhileSending(),
                                it.termination(), it.delayBeforeMicros(), it.delayAfterMicros())));
    }

    private static PortSettings answer(SerialSettings settings) {
        return new PortSettings(settings.baud(), settings.dataBits(),
                StopBits.valueOf(settings.stopBits().name()),
                Parity.valueOf(settings.parity().name()), FlowControl.valueOf(settings.flowControl().name()),
                settings.rs485().map(it -> new Rs485(true, it.rtsActiveHigh(), it.receiveWhileSending(),
                        it.termination(), it.delayBeforeMicros(), it.delayAfterMicros())));
    }
}
