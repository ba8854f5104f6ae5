package org.myclerk.op.can.internal;

import static org.myclerk.op.can.CanOperations.CAN_CONFIGURE;
import static org.myclerk.op.can.CanOperations.CAN_ERROR_STATUS;
import static org.myclerk.op.can.CanOperations.CAN_FILTER_SET;
import static org.myclerk.op.can.CanOperations.CAN_FRAME_RECEIVE;
import static org.myclerk.op.can.CanOperations.CAN_FRAME_SEND;
import static org.myclerk.op.can.CanOperations.CAN_INTERFACE_CLOSE;
import static org.myclerk.op.can.CanOperations.CAN_INTERFACE_LIST;
import static org.myclerk.op.can.CanOperations.CAN_INTERFACE_OPEN;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.device.Device;
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
import org.myclerk.device.DeviceException;
import org.myclerk.device.UsedDevice;
import org.myclerk.device.can.CanInterface;
import org.myclerk.device.can.CanStatus;
import org.myclerk.device.can.OpenCan;
import org.myclerk.device.can.UsedChannel;
import org.myclerk.op.can.CanFilter;
import org.myclerk.op.can.CanFrame;
import org.myclerk.op.can.CanOperations;
import org.myclerk.op.can.ChannelRef;
import org.myclerk.op.can.ErrorStatus;
import org.myclerk.op.can.FilterSet;
import org.myclerk.op.can.FrameReceive;
import org.myclerk.op.can.FrameSend;
import org.myclerk.op.can.Frames;
import org.myclerk.op.can.InterfaceInfo;
import org.myclerk.op.can.InterfaceList;
import org.myclerk.op.can.InterfaceOpen;
import org.myclerk.op.can.InterfaceSettings;
import org.myclerk.op.can.InterfaceSetup;
import org.myclerk.op.can.Sent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Serves the CAN range (§6.3.6) on whatever CAN interfaces the node has. An open interface is a shared lease:
 * it stays open while the lease lasts, over the grace time after a session and into the one that follows.
 */
@Component
@OperationRange(name = "can", first = 0x0650, last = 0x065F)
public final class CanHandler implements OperationHandler {

    private static final int USUAL_MAX = 256;
    private static final int USUAL_TIMEOUT_MS = 1_000;
    private static final Duration FOR_EVER = Duration.ofDays(365);

    private final Devices devices;
    private final Set<UsedChannel> channels = ConcurrentHashMap.newKeySet();
    private final Subscription serving;

    @Activate
    public CanHandler(@Reference Devices devices) {
        this.devices = devices;
        this.serving = devices.serving(CanInterface.class, UsedChannel::of, this::adopt);
    }

    /** Interfaces that are open stay so for the next version; without one they are closed. */
    @Deactivate
    public void stop() {
        serving.close();
    }

    private void adopt(Lease.Use use) {
        if (use instanceof UsedChannel channel) {
            channels.removeIf(UsedChannel::ended);
            channels.add(channel);
        }
    }

    @Override
    public Bindings bindings() {
        return CanOperations.TABLE.bind()
                .to(CAN_INTERFACE_LIST, this::list)
                .to(CAN_INTERFACE_OPEN, this::open)
                .to(CAN_INTERFACE_CLOSE, this::close)
                .to(CAN_CONFIGURE, this::configure)
                .to(CAN_FRAME_SEND, this::send)
                .following(CAN_FRAME_RECEIVE, this::receive)
                .to(CAN_FILTER_SET, this::filter)
                .to(CAN_ERROR_STATUS, this::errors)
                .done();
    }

    private InterfaceList list(Caller caller, None request) {
        return new InterfaceList(devices.visibleTo(caller, CanInterface.class).stream().map(this::info)
                .toList());
    }

    private InterfaceInfo info(Listed listed) {
        Optional<CanStatus> status = devices.device(listed.info().id()).flatMap(CanHandler::status);
        boolean virtual = Boolean.TRUE.equals(listed.info().properties().toMap().get("virtual"));
        return new InterfaceInfo(listed.info().id(), listed.info().name(), listed.info().place(), virtual,
                listed.info().simulated(), listed.holder(), status.map(Translation::settings),
                status.flatMap(Translation::state));
    }

    /** Empty if it cannot be told, because the interface just went away. */
    private static Optional<CanStatus> status(Device device) {
        try {
            return device.driver() instanceof CanInterface can ? Optional.of(can.status()) : Optional.empty();
        } catch (DeviceException _) {
            return Optional.empty();
        }
    }

    private InterfaceSettings open(Caller caller, InterfaceOpen request) throws Refused {
        String id = request.channel();
        CanInterface can = devices.get(caller, id, CanInterface.class);
        Lease lease = devices.lease(caller, id, Lease.Mode.SHARED);
        UsedChannel mine = new UsedChannel(lease, request.ownFrames().orElse(false));
        if (lease.use(mine) == mine) {
            mine.start(can);
        }
        try {
            return Translation.settings(can.status());
        } catch (DeviceException e) {
            throw e.refused();
        }
    }

    private Done close(Caller caller, ChannelRef request) throws Refused {
        use(caller, request.channel()).lease().release();
        return Done.DONE;
    }

    /** Whoever has the interface open is disturbed by this, so that it is refused while others have. */
    private InterfaceSettings configure(Caller caller, InterfaceSetup request) throws Refused {
        String id = request.channel();
        CanInterface can = devices.get(caller, id, CanInterface.class);
        Optional<Lease> own = devices.leaseOf(caller, id);
        String others = channels.stream().map(UsedChannel::lease)
                .filter(lease -> lease.device().id().equals(id) && lease.active()
                && lease != own.orElse(null))
                .map(Lease::holder).distinct().sorted().collect(Collectors.joining(", "));
        if (!others.isEmpty()) {
            throw Refused.forbidden("%s is in use by %s: it can be changed once they have closed it"
                    .formatted(id, others));
        }
        try {
            can.configure(Translation.setup(request));
            return Translation.settings(can.status());
        } catch (DeviceException e) {
            throw e.refused();
        }
    }

    private Sent send(Caller caller, FrameSend request) throws Refused, InterruptedException {
        OpenCan driver = use(caller, request.channel()).driver();
        List<org.myclerk.device.can.CanFrame> frames = new ArrayList<>(request.frames().size());
        for (CanFrame frame : request.frames()) {
            frames.add(Translation.toSend(frame));
        }
        try {
            driver.send(frames);
        } catch (DeviceException e) {
            throw e.refused();
        }
        return new Sent(frames.size());
    }

    private Frames receive(Caller caller, FrameReceive request, Answers<Frames> answers)
            throws Refused, InterruptedException {
        UsedChannel channel = use(caller, request.channel());
        int max = request.max().orElse(USUAL_MAX);
        try (UsedChannel.Reading reading = channel.read()) {
            answers.movable(reading::wake);
            if (!answers.followed()) {
                Duration timeout = Duration.ofMillis(request.timeoutMs().orElse(USUAL_TIMEOUT_MS));
                UsedChannel.Taken taken = reading.take(max, timeout, answers::moves);
                return taken.frames().isEmpty() && answers.moves() ? null : Translation.frames(taken);
            }
            answers.onEnd(reading::wake);
            while (true) {
                UsedChannel.Taken taken = reading.take(max, FOR_EVER,
                        () -> answers.ended() || answers.moves());
                if (taken.frames().isEmpty() || !sent(reading, taken, answers)) {
                    return answers.moves() ? null : Translation.frames(taken);
                }
            }
        }
    }

    /**
     * @return false if the call was ended: the frames go with its last answer; or if the next version of this
     *     handler goes on with it: that has the frames then
     */
    private static boolean sent(UsedChannel.Reading reading, UsedChannel.Taken taken, Answers<Frames> answers)
            throws InterruptedException {
        boolean sent;
        try {
            sent = answers.send(Translation.frames(taken));
        } catch (InterruptedException sessionEnded) {
            reading.putBack(taken);
            throw sessionEnded;
        }
        if (!sent && answers.moves()) {
            reading.putBack(taken);
        }
        return sent;
    }

    private Done filter(Caller caller, FilterSet request) throws Refused {
        UsedChannel channel = use(caller, request.channel());
        List<org.myclerk.device.can.CanFilter> filters = new ArrayList<>(request.filters().size());
        for (CanFilter filter : request.filters()) {
            filters.add(Translation.filter(filter));
        }
        try {
            channel.filter(filters, request.all().orElse(false));
        } catch (DeviceException e) {
            throw e.refused();
        }
        return Done.DONE;
    }

    private ErrorStatus errors(Caller caller, ChannelRef request) throws Refused {
        try {
            return Translation.errors(devices.get(caller, request.channel(), CanInterface.class).status());
        } catch (DeviceException e) {
            throw e.refused();
        }
    }

    /** The interface, which the caller's node has open. */
    private UsedChannel use(Caller caller, String id) throws Refused {
        return UsedDevice.of(devices, caller, id, CanInterface.class, UsedChannel.class);
    }
}
