package org.myclerk.device.gpio;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.myclerk.api.device.Device;
import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.device.DeviceException;

/**
 * What one node has of one chip: requests of lines, PWM channels. It is kept with the lease and ends with
 * it: lines keep their levels, and edges are told, while the handler that requested them is replaced.
 * Thread-safe.
 */
public final class UsedChip implements Lease.Use {

    private static final System.Logger LOG = System.getLogger("org.myclerk.device");
    private static final Duration SOON = Duration.ofMillis(100);

    /** How edges are told: by what serves the chip at the moment, in its own payload records. */
    @FunctionalInterface
    public interface Teller {

        /**
         * Tells an edge; may wait for room.
         *
         * @param watcher whom
         * @param chip id of the device
         * @param lost how many edges before it were not told
         * @return false if the watcher is gone
         */
        boolean tell(Caller watcher, String chip, GpioEdge edge, long lost) throws InterruptedException;
    }

    /** A line of a request. */
    public record Place(UsedLines lines, int position) {
    }

    private final String id;
    private final Lease lease;
    private final List<UsedLines> requests = new ArrayList<>();
    private final Map<Integer, PwmChannel> channels = new HashMap<>();
    private final Map<Integer, PwmChannel.Settings> suspended = new HashMap<>();
    private final List<Teller> tellers = new ArrayList<>();
    private boolean ended;

    public UsedChip(String id, Lease lease) {
        this.id = id;
        this.lease = lease;
    }

    /**
     * What a node had of a chip before this class was replaced: {@code state} is what that said. Whoever
     * watched its lines has to say so again: a watch is of a session, which no map can hold.
     */
    public static UsedChip of(Lease lease, Map<String, Object> state) {
        UsedChip chip = new UsedChip(lease.device().id(), lease);
        for (Object request : (List<?>) state.get("requests")) {
            chip.requests.add(UsedLines.of(chip, (Map<?, ?>) request));
        }
        ((Map<?, ?>) state.get("channels")).forEach((number, settings) ->
                chip.suspended.put((Integer) number, PwmChannel.Settings.of((List<?>) settings)));
        return chip;
    }

    @Override
    public Map<String, Object> state() {
        List<UsedLines> kept;
        Map<Integer, List<Object>> settings = new HashMap<>();
        synchronized (this) {
            kept = List.copyOf(requests);
            suspended.forEach((number, channel) -> settings.put(number, channel.toList()));
            channels.forEach((number, channel) -> settings.put(number, channel.settings().toList()));
        }
        return Map.of("requests", kept.stream().map(UsedLines::state).toList(), "channels", settings);
    }

    /** Id of the device. */
    public String id() {
        return id;
    }

    public Lease lease() {
        return lease;
    }

    public synchronized boolean ended() {
        return ended;
    }

    /** Has edges told by a handler from now on, that is, by its newest version. */
    public synchronized void tellBy(Teller teller) {
        if (!tellers.contains(teller)) {
            tellers.add(teller);
            notifyAll();
        }
    }

    /** A version of the handler stops; edges wait for another one. */
    public synchronized void tellNoMoreBy(Teller teller) {
        tellers.remove(teller);
    }

    /** Waits until somebody tells. */
    synchronized Teller teller() throws InterruptedException {
        while (tellers.isEmpty()) {
            wait();
        }
        return tellers.getLast();
    }

    /** @return where the line is, if the node has it */
    public synchronized Optional<Place> find(int line) {
        for (UsedLines request : requests) {
            int position = request.numbers().indexOf(line);
            if (position >= 0) {
                return Optional.of(new Place(request, position));
            }
        }
        return Optional.empty();
    }

    /**
     * Keeps lines that the driver granted, until the lease ends; at once given back if it has.
     *
     * @param safe what the outputs are set to at the end
     */
    public UsedLines add(GpioLines lines, Optional<Long> safe) throws Refused {
        UsedLines request = new UsedLines(this, lines, safe);
        synchronized (this) {
            if (!ended) {
                requests.add(request);
                return request;
            }
        }
        request.close();
        throw Refused.unavailable("the lease on %s has ended: request the lines again".formatted(id));
    }

    /** @throws Refused if the chip's driver is just being replaced */
    public synchronized Optional<PwmChannel> channel(int number) throws Refused {
        if (suspended.containsKey(number)) {
            throw Refused.notNow(SOON, "the driver of %s is being replaced: ask again".formatted(id));
        }
        return Optional.ofNullable(channels.get(number));
    }

    /** Takes a channel, or finds it taken by this node. */
    public synchronized PwmChannel channel(PwmChip chip, int number) throws Refused, DeviceException {
        if (ended) {
            throw Refused.unavailable("the lease on %s has ended: configure the channel again".formatted(id));
        }
        PwmChannel channel = channels.get(number);
        if (channel == null) {
            channel = chip.request(number);
            channels.put(number, channel);
        }
        return channel;
    }

    /** Gives a channel back that could not be set up, and the lease if nothing is left. */
    public void discard(int number) {
        PwmChannel channel;
        synchronized (this) {
            channel = channels.remove(number);
        }
        if (channel != null) {
            channel.close();
        }
        releaseIfEmpty();
    }

    /** Gives lines and channels of these numbers back, and the lease if nothing is left. */
    public void release(List<Integer> numbers) throws Refused {
        List<UsedLines> given = new ArrayList<>();
        List<PwmChannel> stopped = new ArrayList<>();
        synchronized (this) {
            Set<Integer> rest = new HashSet<>(numbers);
            for (UsedLines request : requests) {
                if (rest.removeAll(request.numbers())) {
                    if (!numbers.containsAll(request.numbers())) {
                        throw Refused.badRequest(
                                "lines %s of %s were requested together: release them together"
                                .formatted(request.numbers(), id));
                    }
                    given.add(request);
                }
            }
            rest.removeAll(channels.keySet());
            if (!rest.isEmpty()) {
                throw Refused.badRequest("you have no line %s of %s".formatted(rest, id));
            }
            requests.removeAll(given);
            for (int number : numbers) {
                if (channels.containsKey(number)) {
                    stopped.add(channels.remove(number));
                }
            }
        }
        given.forEach(UsedLines::close);
        stopped.forEach(PwmChannel::close);
        releaseIfEmpty();
    }

    /** Gives the lease back if it holds nothing. */
    public void releaseIfEmpty() {
        synchronized (this) {
            if (!requests.isEmpty() || !channels.isEmpty() || !suspended.isEmpty()) {
                return;
            }
            ended = true;
        }
        lease.release();
    }

    @Override
    public void suspend() {
        List<UsedLines> kept;
        List<PwmChannel> stopped;
        synchronized (this) {
            kept = List.copyOf(requests);
            channels.forEach((number, channel) -> suspended.put(number, channel.settings()));
            stopped = List.copyOf(channels.values());
            channels.clear();
        }
        kept.forEach(UsedLines::suspend);
        stopped.forEach(PwmChannel::close);
    }

    @Override
    public boolean resume(Device device) {
        return switch (device.driver()) {
            case GpioChip chip -> {
                again(chip);
                yield true;
            }
            case PwmChip chip -> {
                again(chip);
                yield true;
            }
            case null, default -> false;
        };
    }

    private void again(GpioChip chip) {
        List<UsedLines> kept;
        synchronized (this) {
            kept = List.copyOf(requests);
        }
        for (UsedLines request : kept) {
            try {
                request.resume(chip);
            } catch (DeviceException e) {
                LOG.log(System.Logger.Level.WARNING, "lines {0} of {1} are lost to {2}: {3}",
                        request.numbers(), id, lease.holder(), e.getMessage());
                synchronized (this) {
                    requests.remove(request);
                }
                request.close();
            }
        }
        releaseIfEmpty();
    }

    private void again(PwmChip chip) {
        synchronized (this) {
            for (var channel : suspended.entrySet()) {
                try {
                    PwmChannel taken = chip.request(channel.getKey());
                    channels.put(channel.getKey(), taken);
                    taken.configure(channel.getValue());
                } catch (DeviceException e) {
                    LOG.log(System.Logger.Level.WARNING,
                            "channel {0} of {1} does not run for {2} any more: {3}", channel.getKey(), id,
                            lease.holder(), e.getMessage());
                }
            }
            suspended.clear();
        }
        releaseIfEmpty();
    }

    @Override
    public void end(Lease.End why) {
        List<UsedLines> given;
        List<PwmChannel> stopped;
        synchronized (this) {
            ended = true;
            given = List.copyOf(requests);
            stopped = List.copyOf(channels.values());
            requests.clear();
            channels.clear();
            suspended.clear();
        }
        given.forEach(UsedLines::close);
        stopped.forEach(PwmChannel::close);
    }
}
