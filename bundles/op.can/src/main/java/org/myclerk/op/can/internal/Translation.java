package org.myclerk.op.can.internal;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.device.can.CanFilter.Which;
import org.myclerk.device.can.CanFrame.Kind;
import org.myclerk.device.can.CanFrame.Origin;
import org.myclerk.device.can.CanMode;
import org.myclerk.device.can.CanSetup;
import org.myclerk.device.can.CanStatus;
import org.myclerk.device.can.CanStatus.Controller;
import org.myclerk.device.can.CanStatus.Errors;
import org.myclerk.device.can.CanTiming;
import org.myclerk.device.can.UsedChannel.Taken;
import org.myclerk.op.can.BusMode;
import org.myclerk.op.can.BusState;
import org.myclerk.op.can.CanFilter;
import org.myclerk.op.can.CanFrame;
import org.myclerk.op.can.ErrorStatus;
import org.myclerk.op.can.FrameKind;
import org.myclerk.op.can.FrameOrigin;
import org.myclerk.op.can.Frames;
import org.myclerk.op.can.InterfaceSettings;
import org.myclerk.op.can.InterfaceSetup;

/** Between the payloads of the range and what drivers take and give. */
final class Translation {

    private static final Optional<Boolean> YES = Optional.of(true);

    private Translation() {
    }

    static Frames frames(Taken taken) {
        return new Frames(taken.frames().stream().map(Translation::received).toList(),
                taken.lost() == 0 ? Optional.empty() : Optional.of(taken.lost()));
    }

    /** @throws Refused if it is no frame that can be sent */
    static org.myclerk.device.can.CanFrame toSend(CanFrame frame) throws Refused {
        FrameKind kind = frame.kind().orElse(FrameKind.CLASSIC);
        if (kind == FrameKind.ERROR) {
            throw Refused.badRequest("an error frame is told by the kernel and cannot be sent");
        }
        try {
            Kind driverKind = Kind.valueOf(kind.name());
            int dlc = frame.dlc().isPresent() ? frame.dlc().get()
                    : org.myclerk.device.can.CanFrame.dlc(driverKind, frame.data().length());
            return new org.myclerk.device.can.CanFrame(driverKind, frame.id(), frame.extended().orElse(false),
                    frame.bitRateSwitch().orElse(false), frame.errorState().orElse(false), dlc, frame.data(),
                    0, Origin.BUS);
        } catch (IllegalArgumentException wrong) {
            throw Refused.badRequest(wrong.getMessage());
        }
    }

    static CanFrame received(org.myclerk.device.can.CanFrame frame) {
        boolean saysMore = frame.kind() == Kind.REMOTE || frame.kind() == Kind.CLASSIC && frame.dlc() > 8;
        return new CanFrame(frame.id(),
                frame.kind() == Kind.CLASSIC ? Optional.empty()
                : Optional.of(FrameKind.valueOf(frame.kind().name())),
                flag(frame.extended()), flag(frame.bitRateSwitch()), flag(frame.errorState()),
                saysMore ? Optional.of(frame.dlc()) : Optional.empty(), frame.data(),
                Optional.of(frame.nanos()),
                frame.origin() == Origin.BUS ? Optional.empty()
                        : Optional.of(FrameOrigin.valueOf(frame.origin().name())));
    }

    private static Optional<Boolean> flag(boolean set) {
        return set ? YES : Optional.empty();
    }

    static org.myclerk.device.can.CanFilter filter(CanFilter filter) {
        return new org.myclerk.device.can.CanFilter(filter.id(), filter.mask(), which(filter.extended()),
                which(filter.remote()), filter.inverted().orElse(false));
    }

    private static Which which(Optional<Boolean> choice) {
        return choice.map(yes -> yes ? Which.YES : Which.NO).orElse(Which.EITHER);
    }

    static CanSetup setup(InterfaceSetup request) {
        return new CanSetup(Optional.of(request.up().orElse(true)),
                request.bitrate().map(rate -> new CanTiming(rate, request.samplePoint().orElse(0))),
                request.dataBitrate().map(rate -> new CanTiming(rate, request.dataSamplePoint().orElse(0))),
                request.modes().map(Translation::modes), request.restartMs(),
                request.restart().orElse(false));
    }

    private static Set<CanMode> modes(List<BusMode> modes) {
        Set<CanMode> set = EnumSet.noneOf(CanMode.class);
        modes.forEach(mode -> set.add(CanMode.valueOf(mode.name())));
        return set;
    }

    static InterfaceSettings settings(CanStatus status) {
        Optional<Controller> controller = status.controller();
        Optional<CanTiming> timing = controller.map(Controller::timing);
        Optional<CanTiming> dataTiming = controller.map(Controller::dataTiming);
        List<BusMode> modes = controller.map(it -> Arrays.stream(BusMode.values())
                .filter(mode -> it.modes().contains(CanMode.valueOf(mode.name()))).toList())
                .orElse(List.of());
        return new InterfaceSettings(status.up(), status.fd(), set(timing.map(CanTiming::bitrate)),
                set(timing.map(CanTiming::samplePoint)), set(dataTiming.map(CanTiming::bitrate)),
                set(dataTiming.map(CanTiming::samplePoint)), modes,
                controller.map(Controller::restartMillis));
    }

    private static Optional<Integer> set(Optional<Integer> number) {
        return number.filter(it -> it != 0);
    }

    static Optional<BusState> state(CanStatus status) {
        return status.controller().map(it -> BusState.valueOf(it.state().name()));
    }

    static ErrorStatus errors(CanStatus status) {
        Optional<Errors> errors = status.controller().map(Controller::errors);
        return new ErrorStatus(state(status), errors.map(Errors::transmit), errors.map(Errors::receive),
                errors.map(Errors::bus), errors.map(Errors::warnings), errors.map(Errors::passives),
                errors.map(Errors::busOffs), errors.map(Errors::arbitrationsLost),
                errors.map(Errors::restarts),
                status.traffic().received(), status.traffic().sent(), status.traffic().dropped());
    }
}
