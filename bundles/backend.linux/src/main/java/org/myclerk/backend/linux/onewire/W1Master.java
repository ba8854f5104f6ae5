package org.myclerk.backend.linux.onewire;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.payload.Bytes;
import org.myclerk.backend.linux.kernel.KernelException;
import org.myclerk.backend.linux.kernel.Sysfs;
import org.myclerk.backend.linux.netlink.Message;
import org.myclerk.backend.linux.netlink.Netlink;
import org.myclerk.device.DeviceException;
import org.myclerk.device.onewire.OneWireBus;
import org.myclerk.device.onewire.RomCode;

/**
 * A bus master of the kernel's w1 subsystem, spoken to over the connector (linux/connector.h, w1_netlink.h
 * and Documentation/w1/w1-netlink.rst of the kernel). All commands of one message are done while the kernel
 * holds the bus.
 */
final class W1Master implements OneWireBus {

    static final int CN_W1_IDX = 3;
    static final int CN_W1_VAL = 1;
    static final int CN_MSG = 20;
    static final int W1_NETLINK_MSG = 12;
    static final int W1_NETLINK_CMD = 4;
    static final int W1_MASTER_CMD = 4;
    static final int W1_CMD_READ = 0;
    static final int W1_CMD_WRITE = 1;
    static final int W1_CMD_SEARCH = 2;
    static final int W1_CMD_ALARM_SEARCH = 3;
    static final int W1_CMD_RESET = 5;

    private static final int NLMSG_DONE = 3;
    /** The status of a reset that nobody answers: minus one, in 8 bits. */
    private static final int NO_PRESENCE = 0xFF;
    private static final ThreadFactory THREADS = Thread.ofPlatform().name("w1-", 0).daemon().factory();

    private final String name;
    private final int number;
    private final Path folder;
    private int sequence;

    /** One command, and what its answer said. */
    private static final class Command {

        private final int number;
        private final Bytes data;
        private final ByteArrayOutputStream answer = new ByteArrayOutputStream();
        private int status = -1;

        Command(int number, Bytes data) {
            this.number = number;
            this.data = data;
        }
    }

    /** @param folder in sysfs */
    W1Master(String name, int number, Path folder) {
        this.name = name;
        this.number = number;
        this.folder = folder;
    }

    @Override
    public List<RomCode> search(boolean alarmed) throws DeviceException, InterruptedException {
        Command search = new Command(alarmed ? W1_CMD_ALARM_SEARCH : W1_CMD_SEARCH, Bytes.EMPTY);
        exchange("search " + name, List.of(search));
        if (search.status != 0 && search.status != NO_PRESENCE) {
            throw new KernelException("cannot search " + name, search.status);
        }
        Bytes codes = Bytes.wrap(search.answer.toByteArray());
        List<RomCode> found = new ArrayList<>();
        for (int from = 0; from + RomCode.LENGTH <= codes.length(); from += RomCode.LENGTH) {
            try {
                found.add(new RomCode(codes.slice(from, RomCode.LENGTH)));
            } catch (IllegalArgumentException damaged) {
                throw new DeviceException(ErrorCode.SERVICE_UNAVAILABLE,
                        "%s: %s; the line is disturbed, search again"
                        .formatted(name, damaged.getMessage()));
            }
        }
        return found;
    }

    @Override
    public Outcome run(List<Step> steps) throws DeviceException, InterruptedException {
        List<Command> commands = steps.stream().map(W1Master::command).toList();
        exchange("use " + name, commands);
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        for (Command command : commands) {
            if (command.number == W1_CMD_RESET && command.status == NO_PRESENCE) {
                return new Outcome(false, Bytes.EMPTY);
            }
            if (command.status != 0) {
                throw new KernelException("cannot use " + name, command.status);
            }
            if (command.number == W1_CMD_READ) {
                read.writeBytes(command.answer.toByteArray());
            }
        }
        return new Outcome(true, Bytes.wrap(read.toByteArray()));
    }

    private static Command command(Step step) {
        return switch (step) {
            case Step.Reset() -> new Command(W1_CMD_RESET, Bytes.EMPTY);
            case Step.Write(Bytes data) -> new Command(W1_CMD_WRITE, data);
            case Step.Read(int length) -> new Command(W1_CMD_READ, Bytes.wrap(new byte[length]));
        };
    }

    /** Waits on a thread of its own: the kernel answers when the bus has done its slow work. */
    private void exchange(String doing, List<Command> commands) throws DeviceException, InterruptedException {
        Callable<Void> work = () -> {
            talk(doing, commands);
            return null;
        };
        try (ExecutorService thread = Executors.newSingleThreadExecutor(THREADS)) {
            thread.submit(work).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof DeviceException failed) {
                throw failed;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private void talk(String doing, List<Command> commands) throws KernelException {
        int length = W1_NETLINK_MSG;
        for (Command command : commands) {
            length += W1_NETLINK_CMD + command.data.length();
        }
        int mine = next();
        Message message = new Message(NLMSG_DONE, 0).u32(CN_W1_IDX).u32(CN_W1_VAL).u32(mine).u32(0)
                .u16(length).u16(0)
                .u8(W1_MASTER_CMD).u8(0).u16(length - W1_NETLINK_MSG).u32(number).u32(0);
        for (Command command : commands) {
            message.u8(command.number).u8(0).u16(command.data.length()).bytes(command.data.toArray());
        }
        try (Netlink netlink = Netlink.open(Netlink.CONNECTOR, name)) {
            Answers answers = new Answers(mine, commands);
            netlink.converse(doing, message, answers::take);
        }
    }

    private synchronized int next() {
        return ++sequence;
    }

    /** Sorts what comes back to the commands: data first, if there is any, and then a status for each. */
    private static final class Answers {

        private final int sequence;
        private final List<Command> commands;
        private int current;

        Answers(int sequence, List<Command> commands) {
            this.sequence = sequence;
            this.commands = commands;
        }

        /** @return true after the last status */
        boolean take(ByteBuffer connector) {
            if (connector.remaining() < CN_MSG || connector.getInt(0) != CN_W1_IDX
                    || connector.getInt(8) != sequence) {
                return false;
            }
            boolean status = connector.getInt(12) == 0;
            int end = CN_MSG + Math.min(Short.toUnsignedInt(connector.getShort(16)),
                    connector.limit() - CN_MSG);
            for (int at = CN_MSG; at + W1_NETLINK_MSG <= end;) {
                int length = Short.toUnsignedInt(connector.getShort(at + 2));
                int from = at + W1_NETLINK_MSG;
                int to = Math.min(end, from + length);
                message(connector.get(at + 1) & 0xFF, connector.slice(from, to - from)
                        .order(ByteOrder.nativeOrder()),
                        status);
                at = to;
            }
            return current == commands.size();
        }

        private void message(int error, ByteBuffer body, boolean status) {
            if (status && body.remaining() < W1_NETLINK_CMD) {
                // Of the message as a whole: no such master.
                commands.subList(current, commands.size()).forEach(command -> command.status = error);
                current = error == 0 ? current : commands.size();
                return;
            }
            int at = 0;
            while (current < commands.size() && at + W1_NETLINK_CMD <= body.limit()) {
                int length = Math.min(Short.toUnsignedInt(body.getShort(at + 2)),
                        body.limit() - at - W1_NETLINK_CMD);
                if (status) {
                    commands.get(current++).status = error;
                } else {
                    byte[] data = new byte[length];
                    body.get(at + W1_NETLINK_CMD, data);
                    commands.get(current).answer.writeBytes(data);
                }
                at += W1_NETLINK_CMD + length;
            }
        }
    }

    /** Has the kernel not search by itself meanwhile; without the right to say so it may. */
    @Override
    public Quiet quiet() {
        Path attribute = folder.resolve("w1_master_search");
        String before = Sysfs.readOrEmpty(attribute);
        if (before.isEmpty() || before.equals("0")) {
            return () -> { };
        }
        try {
            Sysfs.write(attribute, "0");
        } catch (KernelException unprivileged) {
            return () -> { };
        }
        return () -> {
            try {
                Sysfs.write(attribute, before);
            } catch (KernelException gone) {
                // So is its search.
            }
        };
    }
}
