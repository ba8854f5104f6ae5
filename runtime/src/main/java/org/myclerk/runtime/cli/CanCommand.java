package org.myclerk.runtime.cli;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.jline.utils.Signals;
import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.None;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.op.can.BusMode;
import org.myclerk.op.can.CanFilter;
import org.myclerk.op.can.CanFrame;
import org.myclerk.op.can.CanOperations;
import org.myclerk.op.can.ChannelRef;
import org.myclerk.op.can.ErrorStatus;
import org.myclerk.op.can.FrameKind;
import org.myclerk.op.can.Frames;
import org.myclerk.op.can.InterfaceInfo;
import org.myclerk.op.can.InterfaceSettings;
import org.myclerk.op.can.InterfaceSetup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** CAN interfaces of another node, with the habits of can-utils. */
@Command(name = "can",
        description = "List CAN interfaces of a node, show and send frames, set an interface up.",
        footer = {"", "  myclerk can truck                         what is there",
            "  myclerk can truck can0 --bitrate 500000   set up and bring up",
            "  myclerk can truck can0                    frames as candump shows them",
            "  myclerk can truck can0,100:700 -l         some of them, into a log file",
            "  myclerk can truck can0 123#DEADBEEF       send as cansend does",
            "  myclerk can truck can0 --vcan vcan0       give it to programs here (Linux, CAP_NET_ADMIN)",
            "After the interface may stand filters as for candump: ID:MASK, ID~MASK, j for all of them, "
            + "#MASK for",
            "error frames. Log files are those of candump and canplayer."})
final class CanCommand extends Task {

    private static final PayloadCodec<CanFrame> FRAME = PayloadCodec.of(CanFrame.class);
    private static final DateTimeFormatter LOG_NAME =
            DateTimeFormatter.ofPattern("'candump-'yyyy-MM-dd'_'HHmmss'.log'");

    @Parameters(index = "0", paramLabel = "PEER", description = "A name, a node id, or self.")
    private String peerName;

    @Parameters(index = "1", arity = "0..1", paramLabel = "IF[,FILTER...]",
            description = "An interface; without it "
            + "they are listed.")
    private String interfaceName;

    @Parameters(index = "2..*", arity = "0..*", paramLabel = "FRAME",
            description = "What to send: 123#DEADBEEF, "
            + "12345678#11 (29 bits), 123#R4 (remote), 123##1AABB (CAN FD).")
    private List<String> frames = List.of();

    @Option(names = "-t", paramLabel = "a|d|z",
            description = "Show times: absolute, from frame to frame, from zero.")
    private Optional<String> times = Optional.empty();

    @Option(names = "-n", paramLabel = "COUNT", description = "End after so many frames.")
    private Optional<Integer> count = Optional.empty();

    @Option(names = "-x", description = "Show direction and flags of CAN FD.")
    private boolean extra;

    @Option(names = "-a", description = "Show data as text too.")
    private boolean ascii;

    @Option(names = "-e", description = "Show error frames, in words.")
    private boolean errors;

    @Option(names = "-L", description = "Print in the format of log files.")
    private boolean logFormat;

    @Option(names = "-l", description = "Write to candump-DATE_TIME.log instead.")
    private boolean log;

    @Option(names = "--replay", paramLabel = "FILE",
            description = "Send what a log file holds, in its times.")
    private Path replay;

    @Option(names = "--at-once", description = "With --replay: without its times.")
    private boolean atOnce;

    @Option(names = "--vcan", paramLabel = "NAME",
            description = "Make a virtual interface here that carries its frames.")
    private String vcan;

    @Option(names = "--status", description = "Show state and counters.")
    private boolean status;

    @Option(names = "--bitrate", paramLabel = "N", description = "Bits per second.")
    private Optional<Integer> bitrate = Optional.empty();

    @Option(names = "--sample-point", paramLabel = "P", description = "0.001..0.999")
    private Optional<BigDecimal> samplePoint = Optional.empty();

    @Option(names = "--dbitrate", paramLabel = "N", description = "Of the data of CAN FD.")
    private Optional<Integer> dataBitrate = Optional.empty();

    @Option(names = "--dsample-point", paramLabel = "P", description = "Of the data of CAN FD.")
    private Optional<BigDecimal> dataSamplePoint = Optional.empty();

    @Option(names = "--modes", paramLabel = "MODE", split = ",", description = "The modes that are on, of "
            + "loopback, listen-only, triple-sampling, one-shot, bus-error-reporting, fd, presume-ack, "
            + "fd-non-iso, "
            + "classic-dlc; or none.")
    private List<String> modes;

    @Option(names = "--restart-ms", paramLabel = "N",
            description = "From a bus-off to the next start, 0 for never.")
    private Optional<Integer> restartMs = Optional.empty();

    @Option(names = "--restart", description = "Start again now after a bus-off.")
    private boolean restart;

    @Option(names = "--up", description = "Bring it up.")
    private boolean up;

    @Option(names = "--down", description = "Take it off the bus.")
    private boolean down;

    /** Once a long identifier came, short ones are indented, as candump does. */
    private boolean indented;
    private volatile boolean stopped;

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        List<CanFrame> sent = new ArrayList<>();
        for (String frame : frames) {
            sent.add(CanText.frame(frame));
        }
        String[] words = interfaceName == null ? new String[0] : interfaceName.split(",");
        if (words.length == 0 && (!sent.isEmpty() || replay != null || vcan != null || sets() || status)) {
            throw Failure.usage("which interface? myclerk can %s lists them".formatted(peerName));
        }
        Shown shown = new Shown(words);
        Optional<String> unknown = times.filter(type -> !List.of("a", "d", "z").contains(type));
        if (unknown.isPresent()) {
            throw Failure.usage("-t: \"%s\" is not a, d or z".formatted(unknown.get()));
        }
        Peer peer = root().reach().peer(peerName);
        if (words.length == 0) {
            list(peer);
            return;
        }
        InterfaceInfo meant = PeerCan.choose(peer, words[0]);
        if (sets()) {
            show(peer, meant, peer.call(CanOperations.CAN_CONFIGURE, setup(meant.channel())));
            return;
        }
        if (status) {
            root().print(CanOperations.CAN_ERROR_STATUS, peer.call(CanOperations.CAN_ERROR_STATUS,
                    new ChannelRef(meant.channel())));
            return;
        }
        if (vcan != null) {
            new VcanBridge(root().reach(), peerName, meant.channel(), vcan, this::say).run();
            return;
        }
        try (PeerCan can = new PeerCan(peer, meant.channel())) {
            if (!sent.isEmpty()) {
                can.send(sent);
            } else if (replay != null) {
                replay(can);
            } else {
                dump(can, meant, shown);
            }
        }
    }

    private void list(Peer peer) throws Refused, IOException, InterruptedException {
        if (json()) {
            root().print(CanOperations.CAN_INTERFACE_LIST, peer.call(CanOperations.CAN_INTERFACE_LIST,
                    None.NONE));
            return;
        }
        Table table = new Table("INTERFACE", "NAME", "STATE", "BITRATE", "FD", "IN USE BY", "WHAT IT IS");
        for (InterfaceInfo info : peer.call(CanOperations.CAN_INTERFACE_LIST, None.NONE).interfaces()) {
            boolean isUp = info.settings().map(InterfaceSettings::up).orElse(false);
            table.row(info.channel(), info.name(), isUp ? info.state().map(state -> word(state.name()))
                    .orElse("up")
                    : "down", info.settings().flatMap(InterfaceSettings::bitrate).map(String::valueOf)
                    .orElse("-"),
                    info.settings().map(InterfaceSettings::fd).orElse(false) ? "yes" : "no",
                    info.holder().orElse("-"), info.simulated() ? "simulated" : info.virtual() ? "virtual"
                    : info.place());
        }
        if (table.isEmpty()) {
            say(peer.name() + " has no CAN interface");
        } else {
            table.print(out());
        }
    }

    private static String word(String constant) {
        return constant.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    // --- setting up ------------------------------------------------------------------------------

    private boolean sets() {
        return bitrate.isPresent() || dataBitrate.isPresent() || modes != null || restartMs.isPresent()
                || restart || up
                || down || samplePoint.isPresent() || dataSamplePoint.isPresent();
    }

    private InterfaceSetup setup(String channel) throws Failure {
        try {
            return new InterfaceSetup(channel, down ? Optional.of(false) : Optional.empty(), bitrate,
                    thousandths(samplePoint), dataBitrate, thousandths(dataSamplePoint), modes(), restartMs,
                    restart ? Optional.of(true) : Optional.empty());
        } catch (IllegalArgumentException | ArithmeticException wrong) {
            throw Failure.usage(wrong.getMessage());
        }
    }

    private static Optional<Integer> thousandths(Optional<BigDecimal> point) {
        return point.map(it -> it.movePointRight(3).intValueExact());
    }

    private Optional<List<BusMode>> modes() throws Failure {
        if (modes == null) {
            return Optional.empty();
        }
        List<BusMode> set = new ArrayList<>();
        for (String mode : modes) {
            if (!mode.equals("none")) {
                set.add(Arrays.stream(BusMode.values()).filter(it -> word(it.name()).equals(mode)).findFirst()
                        .orElseThrow(() -> Failure.usage("--modes: there is no \"%s\"".formatted(mode))));
            }
        }
        return Optional.of(set);
    }

    private void show(Peer peer, InterfaceInfo meant, InterfaceSettings settings)
            throws Refused, IOException, InterruptedException {
        if (json()) {
            root().print(CanOperations.CAN_CONFIGURE, settings);
            return;
        }
        ErrorStatus now = peer.call(CanOperations.CAN_ERROR_STATUS, new ChannelRef(meant.channel()));
        out().println("%s is %s%s%s%s".formatted(shortName(meant), settings.up() ? "up" : "down",
                settings.bitrate().map(" at %d bit/s"::formatted).orElse(""),
                settings.dataBitrate().map(", data at %d bit/s"::formatted).orElse(""),
                now.state().map(state -> ", " + word(state.name())).orElse("")));
    }

    // --- showing ---------------------------------------------------------------------------------

    /** What of the traffic is shown: the words after the interface's name. */
    private static final class Shown {

        private final List<CanFilter> filters = new ArrayList<>();
        private boolean all;
        private int errorClasses;

        Shown(String[] words) throws Failure {
            for (int i = 1; i < words.length; i++) {
                if (words[i].equalsIgnoreCase("j")) {
                    all = true;
                } else if (words[i].matches("#[0-9a-fA-F]{1,8}")) {
                    errorClasses = Integer.parseUnsignedInt(words[i].substring(1), 16);
                } else {
                    filters.add(CanText.filter(words[i]));
                }
            }
        }
    }

    private void dump(PeerCan can, InterfaceInfo meant, Shown shown)
            throws Failure, Refused, IOException, InterruptedException {
        Thread watching = Thread.currentThread();
        Runnable stop = () -> {
            stopped = true;
            watching.interrupt();
        };
        Signals.register("INT", stop);
        Signals.register("TERM", stop);
        if (!shown.filters.isEmpty()) {
            can.filter(shown.filters, shown.all);
        }
        try (Followed<Frames> following = can.follow(); Writer file = log ? newLog() : Writer.nullWriter()) {
            int left = count.orElse(Integer.MAX_VALUE);
            Clock clock = new Clock();
            for (Frames came = following.next(); came != null && left > 0; came = following.next()) {
                came.lost()
                        .ifPresent(lost ->
                        say("%d frames were lost, nobody read them in time".formatted(lost)));
                for (CanFrame frame : came.frames()) {
                    if (left > 0 && wanted(frame, shown)) {
                        left--;
                        print(frame, shortName(meant), clock, file);
                    }
                }
                out().flush();
                if (out().checkError() || left == 0) {
                    break;
                }
            }
        } catch (InterruptedException interrupted) {
            if (!stopped) {
                throw interrupted;
            }
            Thread.interrupted();
        }
    }

    /** What the kernel calls it, for columns and log files; its id where it has no such name. */
    private static String shortName(InterfaceInfo info) {
        return info.name().matches("[^\\s]{1,15}") ? info.name() : info.channel();
    }

    private boolean wanted(CanFrame frame, Shown shown) {
        return CanText.kind(frame) != FrameKind.ERROR || (errors ? -1 : shown.errorClasses) != 0
                && (shown.errorClasses == 0 || (frame.id() & shown.errorClasses) != 0);
    }

    private Writer newLog() throws IOException {
        Path path = Path.of(LocalDateTime.now().format(LOG_NAME));
        say("writing " + path);
        return new BufferedWriter(Files.newBufferedWriter(path, StandardOpenOption.CREATE_NEW));
    }

    private void print(CanFrame frame, String name, Clock clock, Writer file) throws IOException {
        long micros = frame.time().orElse(0L) / 1000;
        String logged = "%s %s %s".formatted(CanText.seconds(micros), name, CanText.compact(frame));
        if (log) {
            file.write(logged + "\n");
            file.flush();
        } else if (json()) {
            root().print(FRAME, frame);
        } else if (logFormat) {
            out().println(logged);
        } else {
            indented |= frame.extended().orElse(false);
            String time = times.map(type -> " " + clock.shown(type, micros) + " ").orElse("");
            out().println("%s %s%s  %s".formatted(time, " " + name, extra ? CanText.extra(frame) : "",
                    CanText.shown(frame, ascii, indented)));
            if (errors && CanText.kind(frame) == FrameKind.ERROR) {
                CanProblem.words(frame).forEach(word -> out().println("\t" + word));
            }
        }
    }

    /** Times as {@code -t} wants them. */
    private static final class Clock {

        private long before = -1;

        String shown(String type, long micros) {
            if (type.equals("a")) {
                return CanText.seconds(micros);
            }
            long base = before < 0 ? micros : before;
            if (before < 0 || type.equals("d")) {
                before = micros;
            }
            return CanText.secondsSince(Math.max(0, micros - base));
        }
    }

    // --- replaying -------------------------------------------------------------------------------

    private void replay(PeerCan can) throws Failure, Refused, IOException, InterruptedException {
        long begin = System.nanoTime();
        long first = -1;
        long sent = 0;
        List<CanFrame> due = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(replay)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isBlank()) {
                    continue;
                }
                CanText.Logged logged = CanText.logged(line);
                if (CanText.kind(logged.frame()) == FrameKind.ERROR) {
                    continue;
                }
                first = first < 0 ? logged.micros() : first;
                long at = begin + TimeUnit.MICROSECONDS.toNanos(logged.micros() - first);
                if (due.size() == PeerCan.BATCH || !atOnce && !due.isEmpty() && at > System.nanoTime()) {
                    can.send(due);
                    sent += due.size();
                    due.clear();
                }
                while (!atOnce && at > System.nanoTime()) {
                    LockSupport.parkNanos(at - System.nanoTime());
                    if (Thread.interrupted()) {
                        throw new InterruptedException();
                    }
                }
                due.add(logged.frame());
            }
        }
        if (!due.isEmpty()) {
            can.send(due);
        }
        say("%d frames sent".formatted(sent + due.size()));
    }
}
