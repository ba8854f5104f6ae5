package org.myclerk.runtime.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.None;
import org.myclerk.op.i2c.BlockRead;
import org.myclerk.op.i2c.BusInfo;
import org.myclerk.op.i2c.BusScan;
import org.myclerk.op.i2c.BusTargets;
import org.myclerk.op.i2c.ByteRead;
import org.myclerk.op.i2c.Function;
import org.myclerk.op.i2c.I2cOperations;
import org.myclerk.op.i2c.Message;
import org.myclerk.op.i2c.Protocol;
import org.myclerk.op.i2c.SmbusAnswer;
import org.myclerk.op.i2c.SmbusRequest;
import org.myclerk.op.i2c.Transfer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** I2C buses of another node, with the habits of i2c-tools. */
@Command(name = "i2c", description = "List I2C buses of a node, scan them, read and write registers.",
        footer = {"", "  myclerk i2c kitchen detect -l                     buses, as i2cdetect shows them",
            "  myclerk i2c kitchen detect -F 1                   what the adapter can do",
            "  myclerk i2c kitchen detect 1                      who is there; nothing is written to anybody",
            "  myclerk i2c kitchen get 1 0x48 0 w                a register: b byte, w word, i block, c "
            + "next byte",
            "  myclerk i2c kitchen set 1 0x50 0x10 0xab b        and back: b, w, i block, c command alone",
            "  myclerk i2c kitchen dump 1 0x50                   all registers",
            "  myclerk i2c kitchen transfer 1 w1@0x50 0x20 r4    messages with a repeated start between them",
            "A trailing p on a mode (bp, wp, cp) asks for a packet error code. -y is taken and not needed."})
final class I2cCommand extends Task {

    private static final Map<Function, String> NAMES = names();

    @Parameters(index = "0", paramLabel = "PEER", description = "A name, a node id, or self.")
    private String peerName;

    @Parameters(index = "1", paramLabel = "ACTION", description = "detect, get, set, dump or transfer.")
    private String action;

    @Parameters(index = "2..*", arity = "0..*", paramLabel = "ARGUMENT",
            description = "As for the tool of that name.")
    private List<String> arguments = List.of();

    @Option(names = "-l", description = "detect: list the buses.")
    private boolean list;

    @Option(names = "-F", description = "detect: show what the adapter can do.")
    private boolean functions;

    @Option(names = {"-y", "-r"}, description = "Taken for the sake of habit.")
    private boolean habit;

    private static Map<Function, String> names() {
        Map<Function, String> names = new EnumMap<>(Function.class);
        names.put(Function.I2C, "I2C");
        names.put(Function.QUICK, "SMBus Quick Command");
        names.put(Function.WRITE_BYTE, "SMBus Send Byte");
        names.put(Function.READ_BYTE, "SMBus Receive Byte");
        names.put(Function.WRITE_BYTE_DATA, "SMBus Write Byte");
        names.put(Function.READ_BYTE_DATA, "SMBus Read Byte");
        names.put(Function.WRITE_WORD_DATA, "SMBus Write Word");
        names.put(Function.READ_WORD_DATA, "SMBus Read Word");
        names.put(Function.PROC_CALL, "SMBus Process Call");
        names.put(Function.WRITE_BLOCK_DATA, "SMBus Block Write");
        names.put(Function.READ_BLOCK_DATA, "SMBus Block Read");
        names.put(Function.BLOCK_PROC_CALL, "SMBus Block Process Call");
        names.put(Function.PEC, "SMBus PEC");
        names.put(Function.WRITE_I2C_BLOCK, "I2C Block Write");
        names.put(Function.READ_I2C_BLOCK, "I2C Block Read");
        return names;
    }

    /** In the order of i2cdetect. */
    private static final List<Function> SHOWN = List.of(Function.I2C, Function.QUICK, Function.WRITE_BYTE,
            Function.READ_BYTE, Function.WRITE_BYTE_DATA, Function.READ_BYTE_DATA, Function.WRITE_WORD_DATA,
            Function.READ_WORD_DATA, Function.PROC_CALL, Function.WRITE_BLOCK_DATA, Function.READ_BLOCK_DATA,
            Function.BLOCK_PROC_CALL, Function.PEC, Function.WRITE_I2C_BLOCK, Function.READ_I2C_BLOCK);

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        int least = switch (action) {
            case "detect" -> list ? 0 : 1;
            case "get", "dump", "transfer" -> 2;
            case "set" -> 3;
            default ->
                    throw Failure.usage("\"%s\" is not detect, get, set, dump or transfer".formatted(action));
        };
        if (arguments.size() < least) {
            throw Failure.usage("%s: see myclerk i2c --help for what it takes".formatted(action));
        }
        Peer peer = root().reach().peer(peerName);
        switch (action) {
            case "detect" -> detect(peer);
            case "get" -> get(peer);
            case "set" -> set(peer);
            case "dump" -> dump(peer);
            default -> transfer(peer);
        }
    }

    private static List<BusInfo> buses(Peer peer) throws Refused, IOException, InterruptedException {
        return peer.call(I2cOperations.I2C_BUS_LIST, None.NONE).buses();
    }

    private BusInfo bus(Peer peer) throws Failure, Refused, IOException, InterruptedException {
        String name = arguments.getFirst();
        return buses(peer).stream().filter(it -> it.bus().equals(name) || it.adapter().equals(name)
                || it.bus().equals("i2c-" + name)).findFirst().orElseThrow(() -> new Failure(
                "%s has no bus \"%s\"; myclerk i2c %s detect -l lists them".formatted(peer.name(), name,
                peerName)));
    }

    private void detect(Peer peer) throws Failure, Refused, IOException, InterruptedException {
        if (list) {
            for (BusInfo bus : buses(peer)) {
                boolean plain = bus.functions().contains(Function.I2C);
                out().println("%s\t%-10s\t%-32s\t%s".formatted(bus.bus(), plain ? "i2c" : "smbus",
                        bus.adapter(),
                        plain ? "I2C adapter" : "SMBus adapter"));
            }
            return;
        }
        BusInfo bus = bus(peer);
        if (functions) {
            out().println("Functionalities implemented by %s:".formatted(bus.place()));
            for (Function function : SHOWN) {
                out().println("%-32s %s".formatted(NAMES.get(function),
                        bus.functions().contains(function) ? "yes" : "no"));
            }
            return;
        }
        Optional<Integer> first = arguments.size() > 1 ? Optional.of(number(arguments.get(1), 0x7F))
                : Optional.empty();
        Optional<Integer> last = arguments.size() > 2 ? Optional.of(number(arguments.get(2), 0x7F))
                : Optional.empty();
        print(peer.call(I2cOperations.I2C_BUS_SCAN, new BusScan(bus.bus(), first, last)), first.orElse(0x08),
                last.orElse(0x77));
    }

    /**
     * i2cdetect's grid; UU is an address that a driver has. What was left out is blank, as outside of the
     * range.
     */
    private void print(BusTargets targets, int first, int last) {
        out().println("     0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f");
        for (int row = 0; row < 0x80; row += 16) {
            StringBuilder line = new StringBuilder("%02x: ".formatted(row));
            for (int address = row; address < row + 16; address++) {
                boolean outside = address < first || address > last || targets.skipped().contains(address);
                line.append(outside ? "   " : targets.kernel().contains(address) ? "UU "
                        : targets.targets().contains(address) ? "%02x ".formatted(address) : "-- ");
            }
            out().println(line);
        }
    }

    private void get(Peer peer) throws Failure, Refused, IOException, InterruptedException {
        BusInfo bus = bus(peer);
        int address = number(arguments.get(1), 0x7F);
        if (arguments.size() == 2) {
            int value = peer.call(I2cOperations.I2C_READ_BYTE,
                    new ByteRead(bus.bus(), address, Optional.empty(), Optional.empty())).value();
            out().println("0x%02x".formatted(value));
            return;
        }
        int register = number(arguments.get(2), 0xFF);
        String mode = arguments.size() > 3 ? arguments.get(3) : "b";
        boolean pec = mode.endsWith("p");
        switch (pec ? mode.substring(0, mode.length() - 1) : mode) {
            case "b" -> out()
                    .println("0x%02x".formatted(smbus(peer, bus, address, Protocol.BYTE_DATA, true, register,
                    Optional.empty(), Optional.empty(), pec).value().orElseThrow()));
            case "w" -> out()
                    .println("0x%04x".formatted(smbus(peer, bus, address, Protocol.WORD_DATA, true, register,
                    Optional.empty(), Optional.empty(), pec).value().orElseThrow()));
            case "c" -> {
                smbus(peer, bus, address, Protocol.BYTE, false, register, Optional.empty(), Optional.empty(),
                        pec);
                out()
                        .println("0x%02x".formatted(smbus(peer, bus, address, Protocol.BYTE, true, 0,
                        Optional.empty(),
                        Optional.empty(), pec).value().orElseThrow()));
            }
            case "i" -> {
                int length = arguments.size() > 4 ? number(arguments.get(4), 32) : 32;
                out().println(hex(peer.call(I2cOperations.I2C_READ_BLOCK,
                        new BlockRead(bus.bus(), address, register, length)).data()));
            }
            default -> throw Failure.usage("mode \"%s\" is not b, w, c or i".formatted(mode));
        }
    }

    private void set(Peer peer) throws Failure, Refused, IOException, InterruptedException {
        BusInfo bus = bus(peer);
        int address = number(arguments.get(1), 0x7F);
        int register = number(arguments.get(2), 0xFF);
        List<String> rest = arguments.subList(3, arguments.size());
        String mode = rest.isEmpty() ? "c" : rest.getLast().matches("[bwcis]p?") ? rest.getLast() : "b";
        List<String> values = !rest.isEmpty() && rest.getLast().equals(mode)
                ? rest.subList(0, rest.size() - 1) : rest;
        boolean pec = mode.endsWith("p");
        switch (mode.substring(0, 1)) {
            case "c" -> smbus(peer, bus, address, Protocol.BYTE, false, register, Optional.empty(),
                    Optional.empty(),
                    pec);
            case "b" -> smbus(peer, bus, address, Protocol.BYTE_DATA, false, register,
                    Optional.of(only(values, 0xFF)), Optional.empty(), pec);
            case "w" -> smbus(peer, bus, address, Protocol.WORD_DATA, false, register,
                    Optional.of(only(values, 0xFFFF)), Optional.empty(), pec);
            case "s" -> smbus(peer, bus, address, Protocol.BLOCK_DATA, false, register, Optional.empty(),
                    Optional.of(bytes(values)), pec);
            default -> smbus(peer, bus, address, Protocol.I2C_BLOCK_DATA, false, register, Optional.empty(),
                    Optional.of(bytes(values)), pec);
        }
    }

    private static int only(List<String> values, int max) throws Failure {
        if (values.size() != 1) {
            throw Failure.usage("this mode takes one value, got %d".formatted(values.size()));
        }
        return number(values.getFirst(), max);
    }

    private static Bytes bytes(List<String> values) throws Failure {
        byte[] bytes = new byte[values.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) number(values.get(i), 0xFF);
        }
        return Bytes.wrap(bytes);
    }

    private static SmbusAnswer smbus(Peer peer, BusInfo bus, int address, Protocol protocol, boolean read,
            int command, Optional<Integer> value, Optional<Bytes> data, boolean pec)
            throws Refused, IOException, InterruptedException {
        return peer.call(I2cOperations.I2C_SMBUS_COMMAND, new SmbusRequest(bus.bus(), address, protocol,
                Optional.of(read), Optional.of(command), value, data, Optional.empty(), Optional.of(pec)));
    }

    private void dump(Peer peer) throws Failure, Refused, IOException, InterruptedException {
        BusInfo bus = bus(peer);
        int address = number(arguments.get(1), 0x7F);
        out().println("     0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f    0123456789abcdef");
        for (int row = 0; row < 0x100; row += 16) {
            Bytes data = peer.call(I2cOperations.I2C_READ_BLOCK, new BlockRead(bus.bus(), address, row, 16))
                    .data();
            StringBuilder line = new StringBuilder("%02x: ".formatted(row));
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < data.length(); i++) {
                int octet = data.at(i) & 0xFF;
                line.append("%02x ".formatted(octet));
                text.append(octet == 0 || octet == 0xFF ? '.' : octet < 32 || octet >= 127 ? '?'
                        : (char) octet);
            }
            out().println(line + "   " + text);
        }
    }

    private void transfer(Peer peer) throws Failure, Refused, IOException, InterruptedException {
        BusInfo bus = bus(peer);
        List<Message> messages = new ArrayList<>();
        Optional<Integer> address = Optional.empty();
        for (int i = 1; i < arguments.size(); ) {
            String word = arguments.get(i++);
            if (!word.matches("[rw]\\d+(@.+)?")) {
                throw Failure.usage("\"%s\" is not rLENGTH or wLENGTH, with @ADDRESS for the first".formatted(
                        word));
            }
            int at = word.indexOf('@');
            int length = number(word.substring(1, at < 0 ? word.length() : at), 8192);
            if (at > 0) {
                address = Optional.of(number(word.substring(at + 1), 0x7F));
            }
            if (address.isEmpty()) {
                throw Failure.usage("\"%s\": the first message needs @ADDRESS".formatted(word));
            }
            if (word.startsWith("r")) {
                messages.add(new Message(address, Optional.empty(), Optional.of(length)));
            } else {
                messages.add(new Message(address, Optional.of(written(i, length)), Optional.empty()));
                i = Math.min(arguments.size(), i + length);
                while (i < arguments.size() && !arguments.get(i).matches("[rw]\\d+.*")) {
                    i++;
                }
            }
        }
        for (Bytes read : peer.call(I2cOperations.I2C_TRANSFER, new Transfer(bus.bus(),
                messages.getFirst().address().orElseThrow(), messages, Optional.empty())).read()) {
            out().println(hex(read));
        }
    }

    /**
     * The bytes of a writing message; after = + or - the rest repeats, counts up or down, as i2ctransfer does
     * it.
     */
    private Bytes written(int from, int length) throws Failure {
        byte[] bytes = new byte[length];
        int step = 0;
        boolean filling = false;
        for (int i = 0; i < length; i++) {
            if (filling) {
                bytes[i] = (byte) (bytes[i - 1] + step);
                continue;
            }
            if (from + i >= arguments.size()) {
                throw Failure.usage("a message of %d bytes has only %d".formatted(length, i));
            }
            String word = arguments.get(from + i);
            char last = word.charAt(word.length() - 1);
            filling = last == '=' || last == '+' || last == '-';
            step = last == '+' ? 1 : last == '-' ? -1 : 0;
            bytes[i] = (byte) number(filling ? word.substring(0, word.length() - 1) : word, 0xFF);
        }
        return Bytes.wrap(bytes);
    }

    private static String hex(Bytes bytes) {
        return IntStream.range(0, bytes.length()).mapToObj(i -> "0x%02x".formatted(bytes.at(i) & 0xFF))
                .collect(Collectors.joining(" "));
    }

    private static int number(String word, int max) throws Failure {
        try {
            int number = Integer.decode(word);
            if (number >= 0 && number <= max) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Told below.
        }
        throw Failure.usage("\"%s\" is not a number from 0 to 0x%x".formatted(word, max));
    }
}
