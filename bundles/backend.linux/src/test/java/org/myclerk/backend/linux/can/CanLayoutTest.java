package org.myclerk.backend.linux.can;

import java.nio.file.Path;
import java.util.EnumSet;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.backend.linux.kernel.CHeaders;
import org.myclerk.backend.linux.kernel.Sockets;
import org.myclerk.device.can.CanMode;
import org.myclerk.device.can.CanState;

@EnabledOnOs(OS.LINUX)
final class CanLayoutTest {

    @Test
    void agreesWithTheHeadersOfSockets(@TempDir Path folder) throws Exception {
        new CHeaders(folder, "sys/socket.h", "sys/uio.h", "linux/can.h", "linux/can/raw.h")
                .struct(CanSocket.CAN_FRAME).struct(CanSocket.CANFD_FRAME).struct(CanSocket.CAN_FILTER)
                .struct(CanSocket.IOVEC).struct(CanSocket.MSGHDR)
                .number("sizeof(struct sockaddr_can)", CanSocket.SOCKADDR_CAN.byteSize())
                .number("offsetof(struct sockaddr_can, can_ifindex)", 4)
                .number("AF_CAN", CanSocket.AF_CAN).number("CAN_RAW", CanSocket.CAN_RAW)
                .number("SOCK_RAW", Sockets.SOCK_RAW).number("SOL_SOCKET", Sockets.SOL_SOCKET)
                .number("SOL_CAN_RAW", CanSocket.SOL_CAN_RAW)
                .number("CAN_RAW_FILTER", CanSocket.CAN_RAW_FILTER)
                .number("CAN_RAW_ERR_FILTER", CanSocket.CAN_RAW_ERR_FILTER)
                .number("CAN_RAW_RECV_OWN_MSGS", CanSocket.CAN_RAW_RECV_OWN_MSGS)
                .number("CAN_RAW_FD_FRAMES", CanSocket.CAN_RAW_FD_FRAMES)
                .number("CAN_RAW_JOIN_FILTERS", CanSocket.CAN_RAW_JOIN_FILTERS)
                .number("(int) CAN_EFF_FLAG", CanSocket.CAN_EFF_FLAG)
                .number("CAN_RTR_FLAG", CanSocket.CAN_RTR_FLAG)
                .number("CAN_ERR_FLAG", CanSocket.CAN_ERR_FLAG)
                .number("CAN_INV_FILTER", CanSocket.CAN_INV_FILTER)
                .number("CAN_EFF_MASK", CanSocket.CAN_EFF_MASK).number("CANFD_BRS", CanSocket.CANFD_BRS)
                .number("CANFD_ESI", CanSocket.CANFD_ESI).number("SO_RCVBUF", CanSocket.SO_RCVBUF)
                .number("SO_RCVBUFFORCE", CanSocket.SO_RCVBUFFORCE)
                .number("SO_TIMESTAMPNS", CanSocket.SO_TIMESTAMPNS)
                .number("SO_RXQ_OVFL", CanSocket.SO_RXQ_OVFL)
                .number("MSG_DONTROUTE", CanSocket.MSG_DONTROUTE)
                .number("MSG_DONTWAIT", CanSocket.MSG_DONTWAIT)
                .number("MSG_CONFIRM", CanSocket.MSG_CONFIRM)
                .check();
    }

    @Test
    void agreesWithTheHeadersOfNetlink(@TempDir Path folder) throws Exception {
        new CHeaders(folder, "linux/rtnetlink.h", "linux/if_link.h", "linux/if_arp.h", "linux/can.h",
                "linux/can/netlink.h", "linux/if.h")
                .number("RTM_NEWLINK", Link.RTM_NEWLINK).number("RTM_DELLINK", Link.RTM_DELLINK)
                .number("RTM_GETLINK", Link.RTM_GETLINK).number("NLM_F_DUMP", Link.NLM_F_DUMP)
                .number("NLM_F_EXCL", Link.NLM_F_EXCL).number("NLM_F_CREATE", Link.NLM_F_CREATE)
                .number("sizeof(struct ifinfomsg)", Link.IFINFOMSG).number("IFF_UP", Link.IFF_UP)
                .number("ARPHRD_CAN", Link.ARPHRD_CAN).number("CANFD_MTU", Link.CANFD_MTU)
                .number("CAN_MTU", Link.CAN_MTU).number("IFLA_IFNAME", Link.IFLA_IFNAME)
                .number("IFLA_MTU", Link.IFLA_MTU).number("IFLA_LINKINFO", Link.IFLA_LINKINFO)
                .number("IFLA_STATS64", Link.IFLA_STATS64).number("IFLA_INFO_KIND", Link.IFLA_INFO_KIND)
                .number("IFLA_INFO_DATA", Link.IFLA_INFO_DATA)
                .number("IFLA_INFO_XSTATS", Link.IFLA_INFO_XSTATS)
                .number("IFLA_CAN_BITTIMING", Link.IFLA_CAN_BITTIMING)
                .number("IFLA_CAN_STATE", Link.IFLA_CAN_STATE)
                .number("IFLA_CAN_CTRLMODE", Link.IFLA_CAN_CTRLMODE)
                .number("IFLA_CAN_RESTART_MS", Link.IFLA_CAN_RESTART_MS)
                .number("IFLA_CAN_RESTART", Link.IFLA_CAN_RESTART)
                .number("IFLA_CAN_BERR_COUNTER", Link.IFLA_CAN_BERR_COUNTER)
                .number("IFLA_CAN_DATA_BITTIMING", Link.IFLA_CAN_DATA_BITTIMING)
                .number("offsetof(struct rtnl_link_stats64, rx_dropped) / 8", 6)
                .number("offsetof(struct can_bittiming, sample_point) / 4", 1)
                .number("offsetof(struct can_device_stats, restarts) / 4", 5)
                .number("CAN_STATE_STOPPED", CanState.STOPPED.ordinal())
                .number("CAN_CTRLMODE_ONE_SHOT", Link.bits(EnumSet.of(CanMode.ONE_SHOT)))
                .number("CAN_CTRLMODE_FD_NON_ISO", Link.bits(EnumSet.of(CanMode.FD_NON_ISO)))
                .number("CAN_CTRLMODE_CC_LEN8_DLC", Link.bits(EnumSet.of(CanMode.CLASSIC_DLC)))
                .check();
    }
}
