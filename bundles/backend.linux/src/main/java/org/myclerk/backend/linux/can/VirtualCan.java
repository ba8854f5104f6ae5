package org.myclerk.backend.linux.can;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.backend.linux.kernel.Errno;
import org.myclerk.backend.linux.kernel.KernelException;
import org.myclerk.backend.linux.netlink.Message;
import org.myclerk.device.DeviceException;
import org.myclerk.device.can.OpenCan;

/**
 * A virtual CAN interface of this machine (vcan) that is there as long as this object is open: what a local
 * program sends comes out here, and the other way round.
 */
public final class VirtualCan implements AutoCloseable {

    private static final int LONGEST_NAME = 15;

    private final String name;
    private final int index;

    private VirtualCan(String name, int index) {
        this.name = name;
        this.index = index;
    }

    /**
     * Makes an interface, for CAN FD as well, and brings it up.
     *
     * @param name 1..15 characters
     * @throws DeviceException also if there is one of that name, if the kernel has no vcan, or without
     *     CAP_NET_ADMIN
     */
    public static VirtualCan create(String name) throws DeviceException {
        if (name.isEmpty() || name.length() > LONGEST_NAME || !name.matches("[^\\s/:]+")) {
            throw new DeviceException(ErrorCode.BAD_REQUEST,
                    "\"%s\" cannot be the name of an interface: 1 to 15 characters, such as vcan0".formatted(
                    name));
        }
        Message message = Link.header(new Message(Link.RTM_NEWLINK, Link.NLM_F_CREATE | Link.NLM_F_EXCL), 0,
                Link.IFF_UP, Link.IFF_UP);
        message.attribute(Link.IFLA_IFNAME, name).attribute(Link.IFLA_MTU, Link.CANFD_MTU);
        int info = message.begin(Link.IFLA_LINKINFO);
        message.attribute(Link.IFLA_INFO_KIND, "vcan").end(info);
        try {
            Link.change("make " + name, message);
        } catch (KernelException e) {
            throw switch (e.errno()) {
                case EPERM ->
                        e.saying(
                        "making %s needs the right to administer the network (CAP_NET_ADMIN): run it as "
                        .formatted(name) + "root, or sudo setcap cap_net_admin+ep on the java that runs it");
                case EEXIST -> e.saying("there is a %s already, choose another name or ip link delete %s"
                        .formatted(name, name));
                case EOPNOTSUPP -> e.saying("this kernel has no vcan, try sudo modprobe vcan");
                case null, default -> e;
            };
        }
        return new VirtualCan(name, Link.of(name).index());
    }

    /** Takes part in its traffic. */
    public OpenCan open() throws DeviceException {
        return CanSocket.open(name, index, false, () -> false);
    }

    /** Removes it. */
    @Override
    public void close() {
        try {
            Link.change("remove " + name, Link.header(new Message(Link.RTM_DELLINK, 0), index, 0, 0));
        } catch (KernelException gone) {
            // Somebody removed it before.
        }
    }
}
