package org.myclerk.op.gpio.internal;

import static org.myclerk.op.gpio.GpioOperations.GPIO_CHIP_LIST;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_GET;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_INFO;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_RELEASE;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_REQUEST;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_SET;
import static org.myclerk.op.gpio.GpioOperations.GPIO_LINE_WATCH;
import static org.myclerk.op.gpio.GpioOperations.GPIO_PWM_CONFIGURE;
import static org.myclerk.op.gpio.GpioOperations.GPIO_PWM_SET;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.device.Devices;
import org.myclerk.api.device.Devices.Listed;
import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.OperationHandler;
import org.myclerk.api.operation.OperationRange;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;
import org.myclerk.device.DeviceException;
import org.myclerk.device.gpio.GpioChip;
import org.myclerk.device.gpio.GpioEdge;
import org.myclerk.device.gpio.GpioLineInfo;
import org.myclerk.device.gpio.GpioLines;
import org.myclerk.device.gpio.GpioRequest;
import org.myclerk.device.gpio.GpioSettings;
import org.myclerk.device.gpio.PwmChannel;
import org.myclerk.device.gpio.PwmChip;
import org.myclerk.device.gpio.UsedChip;
import org.myclerk.device.gpio.UsedLines;
import org.myclerk.op.gpio.Bias;
import org.myclerk.op.gpio.ChipInfo;
import org.myclerk.op.gpio.ChipList;
import org.myclerk.op.gpio.Clock;
import org.myclerk.op.gpio.Direction;
import org.myclerk.op.gpio.Drive;
import org.myclerk.op.gpio.Edge;
import org.myclerk.op.gpio.GpioEvent;
import org.myclerk.op.gpio.GpioOperations;
import org.myclerk.op.gpio.LineGet;
import org.myclerk.op.gpio.LineInfo;
import org.myclerk.op.gpio.LineInfos;
import org.myclerk.op.gpio.LineQuery;
import org.myclerk.op.gpio.LineRelease;
import org.myclerk.op.gpio.LineRequest;
import org.myclerk.op.gpio.LineSet;
import org.myclerk.op.gpio.LineValues;
import org.myclerk.op.gpio.LineWatch;
import org.myclerk.op.gpio.PwmDuty;
import org.myclerk.op.gpio.PwmSetup;
import org.myclerk.op.gpio.PwmState;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Serves the GPIO range (§6.3.3) on whatever chips the node has. Whoever has lines of a chip holds it with a
 * shared lease: several nodes share a chip, a line belongs to one of them.
 */
@Component
@OperationRange(name = "gpio", first = 0x0620, last = 0x062F)
public final class GpioHandler implements OperationHandler {

    private final Devices devices;
    private final UsedChip.Teller teller = this::tell;
    private final Set<UsedChip> chips = ConcurrentHashMap.newKeySet();
    /** Ids of chips that have no need for a thread that waits for them. */
    private final Set<String> immediate = ConcurrentHashMap.newKeySet();
    private final List<Subscription> serving;

    @Activate
    public GpioHandler(@Reference Devices devices) {
        this.devices = devices;
        this.serving = List.of(devices.serving(GpioChip.class, UsedChip::of, this::adopt),
                devices.serving(PwmChip.class, UsedChip::of, this::adopt));
    }

    /** What is held stays so for the next version, which tells its edges; without one it is given back. */
    @Deactivate
    public void stop() {
        chips.forEach(chip -> chip.tellNoMoreBy(teller));
        serving.forEach(Subscription::close);
    }

    private void adopt(Lease.Use use) {
        if (use instanceof UsedChip chip) {
            chips.removeIf(UsedChip::ended);
            chips.add(chip);
            chip.tellBy(teller);
        }
    }

    private boolean tell(Caller watcher, String chip, GpioEdge edge, long lost) throws InterruptedException {
        return watcher.emit(GpioOperations.GPIO_EVENT, new GpioEvent(chip, edge.line(),
                edge.rising() ? Edge.RISING : Edge.FALLING, edge.timestampNanos(), edge.sequence(),
                edge.lineSequence(), lost == 0 ? Optional.empty() : Optional.of(lost)));
    }

    @Override
    public Bindings bindings() {
        return GpioOperations.TABLE.bind()
                .to(GPIO_CHIP_LIST, this::list)
                .to(GPIO_LINE_INFO, this::info)
                .to(GPIO_LINE_REQUEST, this::request)
                .to(GPIO_LINE_RELEASE, this::release)
                .to(GPIO_LINE_SET, this::set, request -> immediate.contains(request.chip()))
                .to(GPIO_LINE_GET, this::get, request -> immediate.contains(request.chip()))
                .to(GPIO_LINE_WATCH, this::watch)
                .to(GPIO_PWM_CONFIGURE, this::configurePwm)
                .to(GPIO_PWM_SET, this::setPwm)
                .done();
    }

    private ChipList list(Caller caller, None request) {
        return new ChipList(Stream.concat(
                devices.visibleTo(caller, GpioChip.class).stream().map(listed -> chip(listed, "lines")),
                devices.visibleTo(caller, PwmChip.class).stream().map(listed -> chip(listed, "channels")))
                .toList());
    }

    private static ChipInfo chip(Listed listed, String counted) {
        Map<String, Object> properties = listed.info().properties().toMap();
        int count = properties.get(counted) instanceof Number number ? number.intValue() : 0;
        boolean pwm = counted.equals("channels");
        return new ChipInfo(listed.info().id(),
                properties.get("name") instanceof String name ? name : listed.info().id(),
                listed.info().name(),
                listed.info().place(), pwm ? 0 : count, pwm ? count : 0, listed.info().simulated(),
                listed.holder());
    }

    private LineInfos info(Caller caller, LineQuery request) throws Refused {
        GpioChip chip = devices.get(caller, request.chip(), GpioChip.class);
        List<Integer> lines = new ArrayList<>();
        if (request.line().isPresent()) {
            lines.add(request.line().get());
            refuseWhatItHasNot(request.chip(), chip, lines);
        } else {
            for (int line = 0; line < chip.lines(); line++) {
                lines.add(line);
            }
        }
        return infos(chip, lines);
    }

    private static LineInfos infos(GpioChip chip, List<Integer> lines) throws Refused {
        try {
            List<LineInfo> infos = new ArrayList<>();
            for (int line : lines) {
                infos.add(info(chip.info(line)));
            }
            return new LineInfos(infos);
        } catch (DeviceException e) {
            throw e.refused();
        }
    }

    private static LineInfo info(GpioLineInfo info) {
        GpioSettings settings = info.settings();
        return new LineInfo(info.line(), Optional.of(info.name()).filter(name -> !name.isEmpty()),
                Optional.of(info.consumer()).filter(name -> !name.isEmpty()), info.used(),
                Direction.valueOf(settings.direction().name()), settings.activeLow(),
                Bias.valueOf(settings.bias().name()), Drive.valueOf(settings.drive().name()),
                Edge.valueOf(settings.edge().name()), settings.debounceMicros());
    }

    private LineInfos request(Caller caller, LineRequest request) throws Refused {
        GpioSettings.Direction direction = GpioSettings.Direction.valueOf(
                request.direction().orElse(Direction.AS_IS).name());
        boolean output = direction == GpioSettings.Direction.OUTPUT;
        if (!output && (request.values().isPresent() || request.safe().isPresent())) {
            throw Refused.badRequest("values and safe are for outputs: add direction=output");
        }
        GpioSettings settings = new GpioSettings(direction, request.activeLow().orElse(false),
                GpioSettings.Bias.valueOf(request.bias().orElse(Bias.AS_IS).name()),
                GpioSettings.Drive.valueOf(request.drive().orElse(Drive.PUSH_PULL).name()),
                GpioSettings.Edge.NONE, GpioSettings.Clock.MONOTONIC, request.debounceMicros().orElse(0));
        long values = bits(request.lines(), request.values().orElse(List.of()));
        Optional<Long> safe = Optional.empty();
        if (request.safe().isPresent()) {
            safe = Optional.of(bits(request.lines(), request.safe().get()));
        }
        GpioChip chip = devices.get(caller, request.chip(), GpioChip.class);
        refuseWhatItHasNot(request.chip(), chip, request.lines());
        if (chip.immediate()) {
            immediate.add(request.chip());
        } else {
            immediate.remove(request.chip());
        }
        take(caller, request.chip(), chip, new GpioRequest(request.lines(), settings, values,
                request.label().orElse("myclerk " + caller.name())), safe);
        return infos(chip, request.lines());
    }

    private UsedLines take(Caller caller, String id, GpioChip chip, GpioRequest request, Optional<Long> safe)
            throws Refused {
        UsedChip mine = hold(caller, id);
        for (int line : request.lines()) {
            if (mine.find(line).isPresent()) {
                throw Refused.badRequest("you have line %d of %s already: release it first".formatted(line,
                        id));
            }
        }
        try {
            return mine.add(chip.request(request), safe);
        } catch (DeviceException e) {
            mine.releaseIfEmpty();
            throw e.refused();
        }
    }

    private UsedChip hold(Caller caller, String id) throws Refused {
        Lease lease = devices.lease(caller, id, Lease.Mode.SHARED);
        return lease.use(new UsedChip(id, lease));
    }

    /** What the caller's node has of a chip. */
    private Optional<UsedChip> mine(Caller caller, String id) {
        return devices.leaseOf(caller, id).flatMap(lease -> lease.use(UsedChip.class));
    }

    private Done release(Caller caller, LineRelease request) throws Refused {
        Optional<UsedChip> mine = mine(caller, request.chip());
        if (mine.isEmpty()) {
            throw Refused.badRequest("you have no line of %s".formatted(request.chip()));
        }
        if (request.lines().isPresent()) {
            mine.get().release(distinct(request.lines().get()));
        } else {
            mine.get().lease().release();
        }
        return Done.DONE;
    }

    private Done set(Caller caller, LineSet request) throws Refused {
        devices.get(caller, request.chip(), GpioChip.class);
        List<Integer> lines = distinct(request.lines());
        long bits = bits(lines, request.values());
        Optional<UsedChip> mine = mine(caller, request.chip());
        Map<UsedLines, long[]> changes = new LinkedHashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            int line = lines.get(i);
            UsedChip.Place place = mine.flatMap(it -> it.find(line)).orElseThrow(() -> Refused.badRequest(
                    "line %d of %s is not yours: request it as an output first".formatted(line,
                    request.chip())));
            if (place.lines().settings().direction() == GpioSettings.Direction.INPUT) {
                throw Refused.badRequest("line %d of %s is an input: request it as an output".formatted(line,
                        request.chip()));
            }
            long[] change = changes.computeIfAbsent(place.lines(), _ -> new long[2]);
            change[0] |= 1L << place.position();
            change[1] |= (bits >> i & 1) << place.position();
        }
        try {
            for (Map.Entry<UsedLines, long[]> change : changes.entrySet()) {
                change.getKey().driver().set(change.getValue()[0], change.getValue()[1]);
            }
        } catch (DeviceException e) {
            throw e.refused();
        }
        return Done.DONE;
    }

    private LineValues get(Caller caller, LineGet request) throws Refused {
        GpioChip chip = devices.get(caller, request.chip(), GpioChip.class);
        List<Integer> lines = distinct(request.lines());
        refuseWhatItHasNot(request.chip(), chip, lines);
        Optional<UsedChip> mine = mine(caller, request.chip());
        Map<Integer, Boolean> values = new LinkedHashMap<>();
        Set<UsedLines> requests = new LinkedHashSet<>();
        List<Integer> others = new ArrayList<>();
        for (int line : lines) {
            Optional<UsedChip.Place> place = mine.flatMap(it -> it.find(line));
            place.ifPresentOrElse(it -> requests.add(it.lines()), () -> others.add(line));
        }
        try {
            for (UsedLines lent : requests) {
                collect(lent.driver(), values);
            }
            if (!others.isEmpty()) {
                GpioSettings asIs = new GpioSettings(GpioSettings.Direction.AS_IS, false,
                        GpioSettings.Bias.AS_IS, GpioSettings.Drive.PUSH_PULL, GpioSettings.Edge.NONE,
                        GpioSettings.Clock.MONOTONIC, 0);
                try (GpioLines taken = chip.request(new GpioRequest(others, asIs, 0,
                        "myclerk " + caller.name()))) {
                    collect(taken, values);
                }
            }
        } catch (DeviceException e) {
            throw e.refused();
        }
        return new LineValues(lines.stream().map(values::get).toList());
    }

    private static void collect(GpioLines lines, Map<Integer, Boolean> values) throws DeviceException {
        List<Integer> numbers = lines.request().lines();
        long bits = lines.get(-1L >>> 64 - numbers.size());
        for (int i = 0; i < numbers.size(); i++) {
            values.put(numbers.get(i), (bits >> i & 1) != 0);
        }
    }

    private Done watch(Caller caller, LineWatch request) throws Refused {
        GpioChip chip = devices.get(caller, request.chip(), GpioChip.class);
        List<Integer> lines = distinct(request.lines());
        refuseWhatItHasNot(request.chip(), chip, lines);
        Optional<UsedChip> mine = mine(caller, request.chip());
        Set<UsedLines> requests = new LinkedHashSet<>();
        List<Integer> others = new ArrayList<>();
        for (int line : lines) {
            Optional<UsedChip.Place> place = mine.flatMap(it -> it.find(line));
            if (place.isPresent() && place.get().lines().settings()
                    .direction() == GpioSettings.Direction.OUTPUT) {
                throw Refused.badRequest("line %d of %s is an output: edges are seen on inputs".formatted(
                        line, request.chip()));
            }
            place.ifPresentOrElse(it -> requests.add(it.lines()), () -> others.add(line));
        }
        for (UsedLines lent : requests) {
            if (!lines.containsAll(lent.numbers())) {
                throw Refused.badRequest("lines %s of %s were requested together: watch them together"
                        .formatted(lent.numbers(), request.chip()));
            }
        }
        if (!others.isEmpty()) {
            refuseOutputs(request.chip(), chip, others);
            requests.add(take(caller, request.chip(), chip, new GpioRequest(others, GpioSettings.INPUT, 0,
                    "myclerk " + caller.name()), Optional.empty()));
        }
        try {
            for (UsedLines lent : requests) {
                lent.watch(caller, GpioSettings.Edge.valueOf(request.edge().orElse(Edge.BOTH).name()),
                        GpioSettings.Clock.valueOf(request.clock().orElse(Clock.MONOTONIC).name()));
            }
        } catch (DeviceException e) {
            throw e.refused();
        }
        return Done.DONE;
    }

    /** Watching reads: it must not turn an output that nobody has at the moment into an input. */
    private static void refuseOutputs(String id, GpioChip chip, List<Integer> lines) throws Refused {
        try {
            for (int line : lines) {
                if (chip.info(line).settings().direction() == GpioSettings.Direction.OUTPUT) {
                    throw Refused.badRequest("line %d of %s is an output: request it as an input first"
                            .formatted(line, id));
                }
            }
        } catch (DeviceException e) {
            throw e.refused();
        }
    }

    private PwmState configurePwm(Caller caller, PwmSetup request) throws Refused {
        PwmChip chip = devices.get(caller, request.chip(), PwmChip.class);
        if (request.channel() >= chip.channels()) {
            throw Refused.badRequest("%s has channels 0 to %d, not %d".formatted(request.chip(),
                    chip.channels() - 1, request.channel()));
        }
        UsedChip mine = hold(caller, request.chip());
        boolean fresh = mine.channel(request.channel()).isEmpty();
        boolean done = false;
        try {
            PwmChannel channel = mine.channel(chip, request.channel());
            PwmChannel.Settings before = channel.settings();
            PwmState state = configure(channel, request.periodNanos().orElse(before.periodNanos()),
                    request.dutyNanos().orElse(before.dutyNanos()),
                    request.inversed().orElse(before.inversed()),
                    request.enabled().orElse(true));
            done = true;
            return state;
        } catch (DeviceException e) {
            throw e.refused();
        } finally {
            if (fresh && !done) {
                mine.discard(request.channel());
            }
        }
    }

    private PwmState setPwm(Caller caller, PwmDuty request) throws Refused {
        Optional<UsedChip> mine = mine(caller, request.chip());
        Optional<PwmChannel> taken = mine.isPresent() ? mine.get().channel(request.channel())
                : Optional.empty();
        PwmChannel channel = taken.orElseThrow(() -> Refused.badRequest("channel %d of %s is not yours: "
                .formatted(request.channel(), request.chip()) + "configure it first"));
        try {
            PwmChannel.Settings before = channel.settings();
            return configure(channel, before.periodNanos(), request.dutyNanos(), before.inversed(),
                    before.enabled());
        } catch (DeviceException e) {
            throw e.refused();
        }
    }

    private static PwmState configure(PwmChannel channel, long period, long duty, boolean inversed,
            boolean enabled)
            throws Refused, DeviceException {
        if (duty > period) {
            throw Refused.badRequest("a duty of %d ns does not fit into a period of %d ns".formatted(duty,
                    period));
        }
        channel.configure(new PwmChannel.Settings(period, duty, inversed, enabled));
        PwmChannel.Settings now = channel.settings();
        return new PwmState(now.periodNanos(), now.dutyNanos(), now.inversed(), now.enabled());
    }

    private static void refuseWhatItHasNot(String id, GpioChip chip, List<Integer> lines) throws Refused {
        distinct(lines);
        for (int line : lines) {
            if (line >= chip.lines()) {
                throw Refused.badRequest(chip.lines() == 0
                        ? "%s does not tell its lines: see myclerk doctor on its node".formatted(id)
                        : "%s has lines 0 to %d, not %d".formatted(id, chip.lines() - 1, line));
            }
        }
    }

    private static List<Integer> distinct(List<Integer> lines) throws Refused {
        if (Set.copyOf(lines).size() != lines.size()) {
            throw Refused.badRequest("a line is named twice in " + lines);
        }
        return lines;
    }

    /** Bit n for the line at position n; no values are all inactive. */
    private static long bits(List<Integer> lines, List<Boolean> values) throws Refused {
        if (!values.isEmpty() && values.size() != lines.size()) {
            throw Refused.badRequest("%d values for %d lines: give one for each".formatted(values.size(),
                    lines.size()));
        }
        long bits = 0;
        for (int i = 0; i < values.size(); i++) {
            bits |= values.get(i) ? 1L << i : 0;
        }
        return bits;
    }
}
