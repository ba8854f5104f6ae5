package org.myclerk.backend.linux.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.backend.linux.kernel.CHeaders;
import org.myclerk.backend.linux.kernel.Errno;
import org.myclerk.backend.linux.kernel.KernelException;

/** Against the kernel's own network devices, which every Linux has. */
@EnabledOnOs(OS.LINUX)
final class NetlinkTest {

    private static final int RTM_GETLINK = 18;
    private static final int NLM_F_DUMP = 0x300;
    private static final int IFLA_IFNAME = 3;
    private static final int IFLA_MTU = 4;
    private static final int LINK = 32;

    private static Message getLink(int flags) {
        return new Message(RTM_GETLINK, flags).u8(0).u8(0).u16(0).u32(0).u32(0).u32(0);
    }

    private static Attributes attributes(ByteBuffer link) {
        return new Attributes(link.slice(LINK, link.limit() - LINK));
    }

    @Test
    void readsWhatSysfsTellsOfALink() throws Exception {
        try (Netlink netlink = Netlink.open(Netlink.ROUTE, "links")) {
            ByteBuffer lo = netlink.ask("look at lo", getLink(0).attribute(IFLA_IFNAME, "lo")).getFirst();
            assertEquals(Integer.parseInt(Files.readString(Path.of("/sys/class/net/lo/ifindex")).strip()),
                    lo.getInt(20));
            assertEquals("lo", attributes(lo).text(IFLA_IFNAME));
            assertEquals(Files.readString(Path.of("/sys/class/net/lo/mtu")).strip(),
                    Integer.toString(attributes(lo).u32(IFLA_MTU, 0)));
        }
    }

    @Test
    void takesAllMessagesOfAnAnswer() throws Exception {
        try (Netlink netlink = Netlink.open(Netlink.ROUTE, "links")) {
            List<String> names = netlink.ask("list links", getLink(NLM_F_DUMP)).stream()
                    .map(link -> attributes(link).text(IFLA_IFNAME)).sorted().toList();
            try (var there = Files.list(Path.of("/sys/class/net"))) {
                assertEquals(there.map(path -> path.getFileName().toString())
                        .filter(name -> Files.isDirectory(Path.of("/sys/class/net", name))).sorted().toList(),
                        names);
            }
        }
    }

    @Test
    void tellsTheKernelsReason() throws Exception {
        try (Netlink netlink = Netlink.open(Netlink.ROUTE, "links")) {
            KernelException gone = assertThrows(KernelException.class,
                    () -> netlink.ask("look at none0", getLink(0).attribute(IFLA_IFNAME, "none0")));
            assertEquals("cannot look at none0: No such device (ENODEV)", gone.getMessage());
            assertEquals(ErrorCode.NOT_FOUND, gone.code());
            KernelException wrong = assertThrows(KernelException.class,
                    () -> netlink.ask("ask", new Message(2000, 0).u32(0).u32(0)));
            assertTrue(wrong.is(Errno.EOPNOTSUPP), wrong.getMessage());
            assertFalse(netlink.ask("list links", getLink(NLM_F_DUMP)).isEmpty(),
                    "it goes on after a refusal");
        }
    }

    @Test
    void writesNestedAttributesAndReadsThemAgain() {
        Message message = new Message(1, 0);
        int outer = message.begin(18);
        message.attribute(1, "can");
        int inner = message.begin(2);
        message.attribute(5, 0x1FF, 0x20).attribute(6, 100).end(inner).end(outer);
        byte[] bytes = message.finish(7, 4);
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        assertEquals(bytes.length, in.getInt(0));
        assertEquals(5, in.getShort(6));
        assertEquals(7, in.getInt(8));
        Attributes within = new Attributes(in.slice(16, bytes.length - 16)).within(18);
        assertEquals("can", within.text(1));
        assertEquals(0x20, within.within(2).u32(5, 1));
        assertEquals(100, within.within(2).u32(6, 0));
        assertEquals(0, within.within(2).u32(6, 1));
        assertEquals("", within.text(9));
    }

    @Test
    void survivesWhatIsNoAttributes() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            if (bytes.length > 2) {
                Arrays.fill(bytes, 1, 2, (byte) 0);
            }
            Attributes attributes = new Attributes(ByteBuffer.wrap(bytes));
            for (int type = 0; type < 64; type++) {
                attributes.text(type);
                attributes.u32(type, 0);
                attributes.u64(type, 1);
                attributes.within(type);
            }
        }
    }

    @Test
    void agreesWithTheHeaders(@TempDir Path folder) throws Exception {
        new CHeaders(folder, "sys/socket.h", "linux/netlink.h", "linux/rtnetlink.h", "linux/connector.h")
                .struct(Netlink.SOCKADDR_NL).number("AF_NETLINK", Netlink.AF_NETLINK)
                .number("NETLINK_ROUTE", Netlink.ROUTE).number("NETLINK_CONNECTOR", Netlink.CONNECTOR)
                .number("SOL_NETLINK", Netlink.SOL_NETLINK).number("NETLINK_EXT_ACK", Netlink.NETLINK_EXT_ACK)
                .number("NLMSG_ERROR", Netlink.NLMSG_ERROR).number("NLMSG_DONE", Netlink.NLMSG_DONE)
                .number("NLMSG_MIN_TYPE", Netlink.NLMSG_MIN_TYPE).number("NLM_F_CAPPED", Netlink.NLM_F_CAPPED)
                .number("NLM_F_ACK_TLVS", Netlink.NLM_F_ACK_TLVS)
                .number("NLMSGERR_ATTR_MSG", Netlink.NLMSGERR_ATTR_MSG)
                .number("sizeof(struct nlmsghdr)", Message.HEADER).number("NLM_F_REQUEST", Message.REQUEST)
                .number("NLM_F_ACK", Message.ACK).number("sizeof(struct cn_msg)", 20).number("CN_W1_IDX", 3)
                .number("CN_W1_VAL", 1)
                .check();
    }
}
