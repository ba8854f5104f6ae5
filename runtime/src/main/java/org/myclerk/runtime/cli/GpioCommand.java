package org.myclerk.runtime.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.jline.utils.Signals;
import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.None;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.op.gpio.Bias;
import org.myclerk.op.gpio.ChipInfo;
import org.myclerk.op.gpio.Direction;
import org.myclerk.op.gpio.Drive;
import org.myclerk.op.gpio.Edge;
import org.myclerk.op.gpio.GpioEvent;
import org.myclerk.op.gpio.GpioOperations;
import org.myclerk.op.gpio.LineGet;
import org.myclerk.op.gpio.LineInfo;
import org.myclerk.op.gpio.LineQuery;
import org.myclerk.op.gpio.LineRelease;
import org.myclerk.op.gpio.LineRequest;
import org.myclerk.op.gpio.LineSet;
import org.myclerk.op.gpio.LineWatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** GPIO lines of another node, with the habits of libgpiod's tools (1.6). */
@Command(name = "gpio", description = "List GPIO chips of a node, show, get, set and watch their lines.",
        footer = {"", "  myclerk gpio kitchen detect                    chips, as gpiodetect shows them",
            "  myclerk gpio kitchen info gpiochip0            lines, as gpioinfo shows them",
            "  myclerk gpio kitchen get gpiochip0 17 27       values, as gpioget prints them",
            "  myclerk gpio kitchen set -m signal gpiochip0 17=1   hold a line until this is ended",
            "  myclerk gpio kitchen mon -r gpiochip0 4        edges, as gpiomon prints them",
            "A chip is named by its id, its number or its label. Without -m a line is given back once it "
            + "is set."})
final class GpioCommand extends Task {

    private static final PayloadCodec<ChipInfo> CHIP = PayloadCodec.of(ChipInfo.class);

    @Parameters(index = "0", paramLabel = "PEER", description = "A name, a node id, or self.")
    private String peerName;

    @Parameters(index = "1", paramLabel = "ACTION", description = "detect, info, get, set or mon.")
    private String action;

    @Parameters(index = "2..*", arity = "0..*", paramLabel = "ARGUMENT",
            description = "A chip, then lines: N, or N=VALUE.")
    private List<String> arguments = List.of();

    @Option(names = {"-l", "--active-low"}, description = "Active is the low level.")
    private boolean activeLow;

    @Option(names = {"-B", "--bias"}, paramLabel = "as-is|disable|pull-up|pull-down",
            description = "The resistor.")
    private Optional<String> bias = Optional.empty();

    @Option(names = {"-D", "--drive"}, paramLabel = "push-pull|open-drain|open-source",
            description = "How it drives.")
    private Optional<String> drive = Optional.empty();

    @Option(names = {"-m", "--mode"}, paramLabel = "exit|wait|time|signal", defaultValue = "exit",
            description = "How long set holds the lines: not at all, until ENTER, for --sec, until a signal.")
    private String mode;

    @Option(names = {"-s", "--sec"}, paramLabel = "SEC", description = "With --mode=time.")
    private int seconds;

    @Option(names = {"-u", "--usec"}, paramLabel = "USEC", description = "With --mode=time.")
    private int micros;

    @Option(names = {"-n", "--num-events"}, paramLabel = "NUM", description = "End mon after so many edges.")
    private int count;

    @Option(names = {"-r", "--rising-edge"}, description = "Only rising edges.")
    private boolean rising;

    @Option(names = {"-f", "--falling-edge"}, description = "Only falling edges.")
    private boolean falling;

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        int least = switch (action) {
            case "detect", "info" -> 0;
            case "get", "set", "mon" -> 2;
            default -> throw Failure.usage("\"%s\" is not detect, info, get, set or mon".formatted(action));
        };
        if (arguments.size() < least) {
            throw Failure.usage("%s: which chip, and which lines?".formatted(action));
        }
        Peer peer = root().reach().peer(peerName);
        switch (action) {
            case "detect" -> detect(peer);
            case "info" -> info(peer);
            case "get" -> get(peer);
            case "set" -> set(peer);
            default -> mon(peer);
        }
    }

    private static List<ChipInfo> chips(Peer peer) throws Refused, IOException, InterruptedException {
        return peer.call(GpioOperations.GPIO_CHIP_LIST, None.NONE).chips();
    }

    private ChipInfo chip(Peer peer, String name) throws Failure, Refused, IOException, InterruptedException {
        return chips(peer).stream().filter(it -> it.chip().equals(name) || it.label().equals(name)
                || it.chip().equals("gpiochip" + name)).findFirst().orElseThrow(() -> new Failure(
                "%s has no chip \"%s\"; myclerk gpio %s detect lists them".formatted(peer.name(), name,
                peerName)));
    }

    private void detect(Peer peer) throws Refused, IOException, InterruptedException {
        for (ChipInfo chip : chips(peer)) {
            if (json()) {
                root().print(CHIP, chip);
            } else if (chip.channels() > 0) {
                out().println("%s [%s] (%d channels)".formatted(chip.chip(), chip.label(), chip.channels()));
            } else {
                out().println("%s [%s] (%d lines)".formatted(chip.chip(), chip.label(), chip.lines()));
            }
        }
    }

    private void info(Peer peer) throws Failure, Refused, IOException, InterruptedException {
        List<ChipInfo> chips = new ArrayList<>();
        for (String name : arguments) {
            chips.add(chip(peer, name));
        }
        if (arguments.isEmpty()) {
            chips(peer).stream().filter(it -> it.channels() == 0).forEach(chips::add);
        }
        for (ChipInfo chip : chips) {
            out().println("%s - %d lines:".formatted(chip.chip(), chip.lines()));
            for (LineInfo line : peer.call(GpioOperations.GPIO_LINE_INFO,
                    new LineQuery(chip.chip(), Optional.empty())).lines()) {
                out().println(text(line));
            }
        }
    }

    /** Columns are filled up on the left, until one overflows: as gpioinfo does. */
    static String text(LineInfo line) {
        StringBuilder text = new StringBuilder("\tline %3d: ".formatted(line.line()));
        String[] columns = {line.name().map("\"%s\""::formatted).orElse("unnamed"),
            line.used() ? line.consumer().map("\"%s\""::formatted).orElse("kernel") : "unused",
            line.direction() == Direction.OUTPUT ? "output " : "input ",
            line.activeLow() ? "active-low " : "active-high "};
        int[] widths = {12, 12, 8, 13};
        boolean overflowed = false;
        for (int i = 0; i < columns.length; i++) {
            overflowed |= columns[i].length() >= widths[i];
            text.append(overflowed ? columns[i] : " ".repeat(widths[i] - columns[i].length()) + columns[i]);
            text.append(i < 2 ? " " : "");
        }
        List<String> flags = new ArrayList<>();
        if (line.used()) {
            flags.add("used");
        }
        if (line.drive() != Drive.PUSH_PULL) {
            flags.add(word(line.drive().name()));
        }
        if (line.bias() != Bias.AS_IS) {
            flags.add(line.bias() == Bias.DISABLED ? "bias-disabled" : word(line.bias().name()));
        }
        return text + (flags.isEmpty() ? "" : "[" + String.join(" ", flags) + "]");
    }

    private static String word(String constant) {
        return constant.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private void get(Peer peer) throws Failure, Refused, IOException, InterruptedException {
        ChipInfo chip = chip(peer, arguments.getFirst());
        List<Integer> lines = new ArrayList<>();
        for (String word : arguments.subList(1, arguments.size())) {
            lines.add(line(word));
        }
        boolean setUp = activeLow || bias.isPresent();
        if (setUp) {
            request(peer, chip, lines, Direction.INPUT, Optional.empty());
        }
        out().println(peer.call(GpioOperations.GPIO_LINE_GET, new LineGet(chip.chip(), lines)).values()
                .stream()
                .map(it -> it ? "1" : "0").collect(Collectors.joining(" ")));
        if (setUp) {
            release(peer, chip, lines);
        }
    }

    private void set(Peer peer) throws Failure, Refused, IOException, InterruptedException {
        if (!List.of("exit", "wait", "time", "signal").contains(mode)) {
            throw Failure.usage("-m: \"%s\" is not exit, wait, time or signal".formatted(mode));
        }
        ChipInfo chip = chip(peer, arguments.getFirst());
        List<Integer> lines = new ArrayList<>();
        List<Boolean> values = new ArrayList<>();
        for (String word : arguments.subList(1, arguments.size())) {
            if (!word.matches("\\d+=[01]")) {
                throw Failure.usage("\"%s\" is not LINE=0 or LINE=1".formatted(word));
            }
            lines.add(line(word.substring(0, word.indexOf('='))));
            values.add(word.endsWith("1"));
        }
        request(peer, chip, lines, Direction.OUTPUT, Optional.of(values));
        CountDownLatch ended = new CountDownLatch(1);
        Signals.register("INT", ended::countDown);
        Signals.register("TERM", ended::countDown);
        switch (mode) {
            case "wait" -> root().streams().in().read();
            case "time" -> ended.await(seconds * 1_000_000L + micros, TimeUnit.MICROSECONDS);
            case "signal" -> ended.await();
            default -> { }
        }
        release(peer, chip, lines);
    }

    private void request(Peer peer, ChipInfo chip, List<Integer> lines, Direction direction,
            Optional<List<Boolean>> values) throws Failure, Refused, IOException, InterruptedException {
        peer.call(GpioOperations.GPIO_LINE_REQUEST, new LineRequest(chip.chip(), lines,
                Optional.of(direction),
                Optional.of(activeLow),
                constant(Bias.class, "-B", bias.map(it -> it.equals("disable") ? "disabled" : it)),
                constant(Drive.class, "-D", drive), Optional.empty(), values, Optional.empty(),
                Optional.empty()));
    }

    private static <E
            extends Enum<E>> Optional<E> constant(Class<E> type, String option, Optional<String> word)
            throws Failure {
        try {
            return word.map(it -> Enum.valueOf(type, it.toUpperCase(Locale.ROOT).replace('-', '_')));
        } catch (IllegalArgumentException _) {
            throw Failure.usage("%s: there is no \"%s\"".formatted(option, word.orElse("")));
        }
    }

    private static void release(Peer peer, ChipInfo chip, List<Integer> lines)
            throws Refused, IOException, InterruptedException {
        peer.call(GpioOperations.GPIO_LINE_RELEASE, new LineRelease(chip.chip(), Optional.of(lines)));
    }

    private static int line(String word) throws Failure {
        if (!word.matches("\\d{1,4}")) {
            throw Failure.usage("\"%s\" is no number of a line".formatted(word));
        }
        return Integer.parseInt(word);
    }

    private void mon(Peer peer) throws Failure, Refused, IOException, InterruptedException {
        ChipInfo chip = chip(peer, arguments.getFirst());
        List<Integer> lines = new ArrayList<>();
        for (String word : arguments.subList(1, arguments.size())) {
            lines.add(line(word));
        }
        Edge edges = rising == falling ? Edge.BOTH : rising ? Edge.RISING : Edge.FALLING;
        BlockingQueue<Optional<GpioEvent>> events = new LinkedBlockingQueue<>();
        Runnable stop = () -> events.add(Optional.empty());
        Signals.register("INT", stop);
        Signals.register("TERM", stop);
        peer.onEnd(stop);
        try (Subscription _ = peer.onEvent(GpioOperations.GPIO_EVENT, event -> {
            if (event.value().chip().equals(chip.chip()) && lines.contains(event.value().line())) {
                events.add(Optional.of(event.value()));
            }
        })) {
            if (activeLow || bias.isPresent()) {
                request(peer, chip, lines, Direction.INPUT, Optional.empty());
            }
            peer.call(GpioOperations.GPIO_LINE_WATCH, new LineWatch(chip.chip(), lines, Optional.of(edges),
                    Optional.empty()));
            int left = count > 0 ? count : Integer.MAX_VALUE;
            for (Optional<GpioEvent> event = events.take(); event.isPresent(); event = events.take()) {
                print(event.get());
                if (--left == 0 || out().checkError()) {
                    break;
                }
            }
        }
        if (peer.connected()) {
            release(peer, chip, lines);
        } else {
            throw new Failure("the session with %s has ended".formatted(peer.name()));
        }
    }

    private void print(GpioEvent event) {
        event.lost().ifPresent(lost -> say("%d edges were lost, nobody took them in time".formatted(lost)));
        if (json()) {
            root().print(GpioOperations.GPIO_EVENT, event);
        } else {
            out().println(text(event));
        }
        out().flush();
    }

    /** As gpiomon prints it. */
    static String text(GpioEvent event) {
        return "event: %s offset: %d timestamp: [%8d.%09d]".formatted(
                event.edge() == Edge.RISING ? " RISING EDGE" : "FALLING EDGE", event.line(),
                event.timestampNanos() / 1_000_000_000, event.timestampNanos() % 1_000_000_000);
    }
}
