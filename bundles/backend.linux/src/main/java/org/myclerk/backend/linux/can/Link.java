package org.myclerk.backend.linux.can;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.myclerk.backend.linux.kernel.KernelException;
import org.myclerk.backend.linux.netlink.Attributes;
import org.myclerk.backend.linux.netlink.Message;
import org.myclerk.backend.linux.netlink.Netlink;
import org.myclerk.device.can.CanMode;
import org.myclerk.device.can.CanState;
import org.myclerk.device.can.CanStatus;
import org.myclerk.device.can.CanStatus.Controller;
import org.myclerk.device.can.CanStatus.Errors;
import org.myclerk.device.can.CanStatus.Traffic;
import org.myclerk.device.can.CanTiming;

/**
 * A CAN network device as rtnetlink tells it, and changes to one (linux/if_link.h, linux/can/netlink.h).
 *
 * @param index the kernel's number; another device of that name has another
 */
record Link(int index, String name, CanStatus status) {

    static final int RTM_NEWLINK = 16;
    static final int RTM_DELLINK = 17;
    static final int RTM_GETLINK = 18;
    static final int NLM_F_DUMP = 0x300;
    static final int NLM_F_EXCL = 0x200;
    static final int NLM_F_CREATE = 0x400;
    static final int IFINFOMSG = 16;
    static final int IFF_UP = 1;
    static final int ARPHRD_CAN = 280;
    static final int CANFD_MTU = 72;
    static final int CAN_MTU = 16;

    static final int IFLA_IFNAME = 3;
    static final int IFLA_MTU = 4;
    static final int IFLA_LINKINFO = 18;
    static final int IFLA_STATS64 = 23;
    static final int IFLA_INFO_KIND = 1;
    static final int IFLA_INFO_DATA = 2;
    static final int IFLA_INFO_XSTATS = 3;
    static final int IFLA_CAN_BITTIMING = 1;
    static final int IFLA_CAN_STATE = 4;
    static final int IFLA_CAN_CTRLMODE = 5;
    static final int IFLA_CAN_RESTART_MS = 6;
    static final int IFLA_CAN_RESTART = 7;
    static final int IFLA_CAN_BERR_COUNTER = 8;
    static final int IFLA_CAN_DATA_BITTIMING = 9;

    /** Bits of struct can_ctrlmode, in the order of {@link CanMode}. */
    private static final int[] MODE_BITS = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x100};

    /** All CAN network devices. */
    static List<Link> all() throws KernelException {
        Message dump = new Message(RTM_GETLINK, NLM_F_DUMP);
        header(dump, 0, 0, 0);
        List<Link> found = new ArrayList<>();
        try (Netlink netlink = Netlink.open(Netlink.ROUTE, "network devices")) {
            for (ByteBuffer message : netlink.ask("list network devices", dump)) {
                if (Short.toUnsignedInt(message.getShort(18)) == ARPHRD_CAN) {
                    found.add(read(message));
                }
            }
        }
        return found;
    }

    /** @throws KernelException ENODEV if there is none of that name */
    static Link of(String name) throws KernelException {
        Message get = new Message(RTM_GETLINK, 0);
        header(get, 0, 0, 0).attribute(IFLA_IFNAME, name);
        try (Netlink netlink = Netlink.open(Netlink.ROUTE, name)) {
            return read(netlink.ask("look at " + name, get).getFirst());
        }
    }

    /** Sends a change of the device; {@code null} as the last argument changes flags only. */
    static void change(String doing, Message message) throws KernelException {
        try (Netlink netlink = Netlink.open(Netlink.ROUTE, "network devices")) {
            netlink.ask(doing, message);
        }
    }

    /** Begins a change of a device: struct ifinfomsg. */
    static Message change(int index, int flags, int changed) {
        return header(new Message(RTM_NEWLINK, 0), index, flags, changed);
    }

    static Message header(Message message, int index, int flags, int changed) {
        return message.u8(0).u8(0).u16(0).u32(index).u32(flags).u32(changed);
    }

    private static Link read(ByteBuffer message) {
        int index = message.getInt(20);
        boolean up = (message.getInt(24) & IFF_UP) != 0;
        Attributes attributes = new Attributes(message.slice(32, message.limit() - 32));
        Attributes info = attributes.within(IFLA_LINKINFO);
        Optional<Controller> controller = info.text(IFLA_INFO_KIND).equals("can")
                ? Optional.of(controller(info, info.within(IFLA_INFO_DATA))) : Optional.empty();
        Traffic traffic = new Traffic(attributes.u64(IFLA_STATS64, 0), attributes.u64(IFLA_STATS64, 1),
                attributes.u64(IFLA_STATS64, 6));
        return new Link(index, attributes.text(IFLA_IFNAME), new CanStatus(up,
                attributes.u32(IFLA_MTU, 0) >= CANFD_MTU, controller, traffic));
    }

    private static Controller controller(Attributes info, Attributes data) {
        int state = data.u32(IFLA_CAN_STATE, 0);
        ByteBuffer counters = data.value(IFLA_CAN_BERR_COUNTER);
        boolean counted = counters.remaining() >= 4;
        Errors errors = new Errors(counted ? Short.toUnsignedInt(counters.getShort(0)) : 0,
                counted ? Short.toUnsignedInt(counters.getShort(2)) : 0, count(info, 0), count(info, 1),
                count(info, 2), count(info, 3), count(info, 4), count(info, 5));
        return new Controller(CanState.values()[Math.clamp(state, 0, CanState.values().length - 1)],
                timing(data, IFLA_CAN_BITTIMING), timing(data, IFLA_CAN_DATA_BITTIMING),
                modes(data.u32(IFLA_CAN_CTRLMODE, 1)), data.u32(IFLA_CAN_RESTART_MS, 0), errors);
    }

    private static CanTiming timing(Attributes data, int attribute) {
        return new CanTiming(data.u32(attribute, 0), data.u32(attribute, 1));
    }

    /**
     * A counter of struct can_device_stats: bus_error, error_warning, error_passive, bus_off,
     * arbitration_lost, restarts.
     */
    private static long count(Attributes info, int n) {
        return Integer.toUnsignedLong(info.u32(IFLA_INFO_XSTATS, n));
    }

    private static Set<CanMode> modes(int bits) {
        Set<CanMode> modes = EnumSet.noneOf(CanMode.class);
        for (CanMode mode : CanMode.values()) {
            if ((bits & MODE_BITS[mode.ordinal()]) != 0) {
                modes.add(mode);
            }
        }
        return modes;
    }

    static int bits(Set<CanMode> modes) {
        int bits = 0;
        for (CanMode mode : modes) {
            bits |= MODE_BITS[mode.ordinal()];
        }
        return bits;
    }
}
