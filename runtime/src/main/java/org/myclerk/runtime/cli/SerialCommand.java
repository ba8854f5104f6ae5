package org.myclerk.runtime.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

import org.jline.utils.Signals;
import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.None;
import org.myclerk.op.serial.FlowControl;
import org.myclerk.op.serial.Parity;
import org.myclerk.op.serial.PortInfo;
import org.myclerk.op.serial.PortSetup;
import org.myclerk.op.serial.SerialOperations;
import org.myclerk.op.serial.StopBits;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives a remote serial port to a person or to a program here. */
@Command(name = "serial",
        description = "Use a serial port of another node, as a terminal here or by any local program.",
        footer = {"", "  myclerk serial kitchen-pi usb-1 --baud 9600",
            "  myclerk serial kitchen-pi usb-1 --pty /tmp/meter",
            "Ctrl-] leaves the terminal. If the session breaks it goes on by itself when the peer is back."})
final class SerialCommand extends Task {

    @Parameters(index = "0", paramLabel = "PEER", description = "A name, a node id, or self.")
    private String peerName;

    @Parameters(index = "1", paramLabel = "PORT",
            description = "Its id; myclerk call PEER serial.port-list lists them.")
    private String portName;

    @Option(names = "--pty", paramLabel = "PATH",
            description = "Make a pseudo-terminal there for local programs (Linux).")
    private Path pty;

    @Option(names = "--baud", paramLabel = "N", description = "Bits per second; 115200 if not given.")
    private Optional<Integer> baud = Optional.empty();

    @Option(names = "--data-bits", paramLabel = "N", description = "5..8; 8 if not given.")
    private Optional<Integer> dataBits = Optional.empty();

    @Option(names = "--stop-bits", paramLabel = "N", description = "1, 1.5 or 2; 1 if not given.")
    private Optional<String> stopBits = Optional.empty();

    @Option(names = "--parity", paramLabel = "P",
            description = "none, odd, even, mark or space; none if not given.")
    private Optional<String> parity = Optional.empty();

    @Option(names = "--flow", paramLabel = "F", description = "none, rts-cts or xon-xoff; none if not given.")
    private Optional<String> flow = Optional.empty();

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        PortSetup asked = setup(portName);
        Peer peer = root().reach().peer(peerName);
        String port = choose(peer.call(SerialOperations.SERIAL_PORT_LIST, None.NONE).ports(), portName,
                peer.name());
        Console console = System.console();
        boolean terminal = pty == null && console != null && console.isTerminal();
        Consumer<String> say = terminal
                ? line -> root().streams().err().print("\r\nmyclerk: " + line + "\r\n")
                : this::say;
        PeerSerialPort remote = new PeerSerialPort(root().reach(), peerName, new PortSetup(port, asked.baud(),
                asked.dataBits(), asked.stopBits(), asked.parity(), asked.flowControl(), Optional.empty()),
                say);
        RemotePort.Opened opened = remote.open();
        try (LocalEnd local = terminal ? TerminalEnd.open() : pty != null ? PseudoTerminal.open(pty)
                : new PipeEnd(root().streams().in(), out())) {
            SerialBridge bridge = new SerialBridge(remote, local, say);
            // An INT that was ignored when this process began stays so, as a shell's background jobs expect.
            Signals.register("INT", bridge::stop);
            Signals.register("TERM", bridge::stop);
            if (terminal) {
                say.accept("%s of %s at %s; Ctrl-] leaves".formatted(port, peer.name(), remote.settings()));
            } else if (pty != null) {
                say("%s is %s of %s at %s; Ctrl-C ends it".formatted(pty, port, peer.name(),
                        remote.settings()));
            }
            bridge.run(opened);
        } catch (IOException | RuntimeException failed) {
            opened.close();
            throw failed;
        }
    }

    private PortSetup setup(String port) throws Failure {
        if (baud.isPresent() && (baud.get() < 1 || baud.get() > 50_000_000)) {
            throw Failure.usage("--baud: %d is not in 1..50000000".formatted(baud.get()));
        }
        if (dataBits.isPresent() && (dataBits.get() < 5 || dataBits.get() > 8)) {
            throw Failure.usage("--data-bits: %d is not in 5..8".formatted(dataBits.get()));
        }
        Optional<StopBits> stop = Optional.empty();
        if (stopBits.isPresent()) {
            stop = Optional.of(switch (stopBits.get()) {
                case "1" -> StopBits.ONE;
                case "1.5" -> StopBits.ONE_AND_A_HALF;
                case "2" -> StopBits.TWO;
                default ->
                        throw Failure.usage("--stop-bits: \"%s\" is not 1, 1.5 or 2".formatted(
                                stopBits.get()));
            });
        }
        return new PortSetup(port, baud, dataBits, stop, constant("--parity", parity, Parity.class),
                constant("--flow", flow, FlowControl.class), Optional.empty());
    }

    private static <E extends Enum<E>> Optional<E> constant(String option, Optional<String> word,
            Class<E> type)
            throws Failure {
        if (word.isEmpty()) {
            return Optional.empty();
        }
        List<String> names = java.util.Arrays.stream(type.getEnumConstants())
                .map(constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-')).toList();
        int index = names.indexOf(word.get());
        if (index < 0) {
            throw Failure.usage("%s: \"%s\" is not one of %s".formatted(option, word.get(),
                    String.join(", ", names)));
        }
        return Optional.of(type.getEnumConstants()[index]);
    }

    /** The id of the port that is meant: by id, or by name if only one has it. */
    static String choose(List<PortInfo> ports, String wanted, String peer) throws Failure {
        if (ports.stream().anyMatch(port -> port.port().equals(wanted))) {
            return wanted;
        }
        List<PortInfo> named = ports.stream().filter(port -> port.name().equals(wanted)).toList();
        if (named.size() == 1) {
            return named.getFirst().port();
        }
        List<String> ids = ports.stream().map(PortInfo::port).toList();
        throw new Failure("%s: %s has no such serial port%s".formatted(wanted, peer, ids.isEmpty()
                ? ", and no other either" : Suggestion.ending(wanted, ids) + "; it has "
                + String.join(", ", ids)));
    }

    /** The ids of a peer's ports. */
    static List<String> ports(Peer peer) throws Refused, IOException, InterruptedException {
        return peer.call(SerialOperations.SERIAL_PORT_LIST, None.NONE).ports().stream().map(PortInfo::port)
                .toList();
    }
}
