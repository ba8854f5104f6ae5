package org.myclerk.backend.linux.can;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.backend.linux.kernel.Errno;
import org.myclerk.backend.linux.kernel.KernelException;
import org.myclerk.backend.linux.netlink.Message;
import org.myclerk.device.DeviceException;
import org.myclerk.device.can.CanInterface;
import org.myclerk.device.can.CanMode;
import org.myclerk.device.can.CanSetup;
import org.myclerk.device.can.CanStatus;
import org.myclerk.device.can.CanTiming;
import org.myclerk.device.can.OpenCan;

/** A CAN network device of the kernel. Its settings go over rtnetlink, as those of {@code ip link}. */
final class LinuxCanInterface implements CanInterface {

    /** Members of struct can_bittiming. */
    private static final int BITTIMING = 8;
    private static final int ALL_MODES = Link.bits(EnumSet.allOf(CanMode.class));

    private final String name;
    private final int index;
    /** Held while it is changed: who finds it down meanwhile waits. */
    private final ReentrantLock changing = new ReentrantLock();

    LinuxCanInterface(String name, int index) {
        this.name = name;
        this.index = index;
    }

    @Override
    public CanStatus status() throws KernelException {
        return Link.of(name).status();
    }

    @Override
    public OpenCan open(boolean ownFrames) throws DeviceException {
        if (!status().up()) {
            throw new KernelException("cannot open " + name, Errno.ENETDOWN.number())
                    .saying("cannot open %s, which is down: configure it first".formatted(name));
        }
        return CanSocket.open(name, index, ownFrames, this::upAfterChanges);
    }

    /** Whether it is up once a change that is under way is done. */
    private boolean upAfterChanges() throws KernelException {
        changing.lock();
        try {
            return status().up();
        } finally {
            changing.unlock();
        }
    }

    @Override
    public void configure(CanSetup setup) throws DeviceException {
        changing.lock();
        try {
            CanStatus before = status();
            boolean wantedUp = setup.up().orElse(before.up());
            boolean changes = setup.timing().isPresent() || setup.dataTiming().isPresent()
                    || setup.modes().isPresent() || setup.restartMillis().isPresent();
            if (changes) {
                refuseWithoutController(setup, before);
                if (before.up()) {
                    flags(false);
                }
                try {
                    set(setup, before);
                } catch (DeviceException refused) {
                    if (before.up()) {
                        flags(true);
                    }
                    throw refused;
                }
                if (wantedUp) {
                    flags(true);
                }
            } else if (wantedUp != before.up()) {
                flags(wantedUp);
            }
            if (setup.restart() && !changes) {
                restart();
            }
        } finally {
            changing.unlock();
        }
    }

    /** A virtual interface has one thing to set: whether it carries CAN FD. */
    private void refuseWithoutController(CanSetup setup, CanStatus before) throws DeviceException {
        boolean others = setup.timing().isPresent() || setup.dataTiming().isPresent()
                || setup.restartMillis().isPresent()
                || setup.modes().map(modes -> !EnumSet.of(CanMode.FD).containsAll(modes)).orElse(false);
        if (before.controller().isEmpty() && others) {
            throw new DeviceException(ErrorCode.BAD_REQUEST,
                    "%s is virtual: it has no bit timing and no mode but fd".formatted(name));
        }
    }

    private void set(CanSetup setup, CanStatus before) throws KernelException {
        Message message = Link.change(index, 0, 0);
        if (before.controller().isEmpty()) {
            boolean fd = setup.modes().orElse(Set.of()).contains(CanMode.FD);
            message.attribute(Link.IFLA_MTU, fd ? Link.CANFD_MTU : Link.CAN_MTU);
        } else {
            int info = message.begin(Link.IFLA_LINKINFO);
            message.attribute(Link.IFLA_INFO_KIND, "can");
            int data = message.begin(Link.IFLA_INFO_DATA);
            setup.modes().ifPresent(modes -> message.attribute(Link.IFLA_CAN_CTRLMODE, mask(modes, before),
                    Link.bits(modes)));
            setup.timing().ifPresent(timing -> timing(message, Link.IFLA_CAN_BITTIMING, timing));
            setup.dataTiming().ifPresent(timing -> timing(message, Link.IFLA_CAN_DATA_BITTIMING, timing));
            setup.restartMillis().ifPresent(millis -> message.attribute(Link.IFLA_CAN_RESTART_MS, millis));
            message.end(data).end(info);
        }
        Link.change("set up " + name, message);
    }

    /** The bits that are to change: those of a mode that is or becomes on. */
    private static int mask(Set<CanMode> modes, CanStatus before) {
        Set<CanMode> on = before.controller().orElseThrow().modes();
        return (Link.bits(modes) | Link.bits(on)) & ALL_MODES;
    }

    private static void timing(Message message, int attribute, CanTiming timing) {
        int[] members = new int[BITTIMING];
        members[0] = timing.bitrate();
        members[1] = timing.samplePoint();
        message.attribute(attribute, members);
    }

    private void flags(boolean up) throws KernelException {
        String doing = up ? "bring up " + name : "take down " + name;
        try {
            Link.change(doing, Link.change(index, up ? Link.IFF_UP : 0, Link.IFF_UP));
        } catch (KernelException e) {
            boolean unset = up && e.is(Errno.EINVAL) && status().controller()
                    .map(controller -> controller.timing().bitrate() == 0).orElse(false);
            throw unset ? e.saying("cannot bring up %s, which has no bitrate yet".formatted(name)) : e;
        }
    }

    private void restart() throws KernelException {
        Message message = Link.change(index, 0, 0);
        int info = message.begin(Link.IFLA_LINKINFO);
        message.attribute(Link.IFLA_INFO_KIND, "can");
        int data = message.begin(Link.IFLA_INFO_DATA);
        message.attribute(Link.IFLA_CAN_RESTART, 1).end(data).end(info);
        try {
            Link.change("restart " + name, message);
        } catch (KernelException e) {
            throw e.is(Errno.EBUSY) ? e.saying("cannot restart %s, which is not bus-off".formatted(name)) : e;
        }
    }
}
