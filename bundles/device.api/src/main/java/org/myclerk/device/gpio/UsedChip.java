package org.myclerk.op.gpio.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.device.DeviceException;
import org.myclerk.device.gpio.PwmChannel;
import org.myclerk.device.gpio.PwmChip;

/** What one node has of one chip: requests of lines, PWM channels. All of it ends with the lease. */
final class HeldChip {

    /** A line of a request. */
    record Place(HeldLines lines, int position) {
    }

    private final String id;
    private final Lease lease;
    private final List<HeldLines> requests = new ArrayList<>();
    private final Map<Integer, PwmChannel> channels = new HashMap<>();
    private boolean ended;

    HeldChip(String id, Lease lease) {
        this.id = id;
        this.lease = lease;
    }

    /** @return where the line is, if the node has it */
    synchronized Optional<Place> find(int line) {
        for (HeldLines request : requests) {
            int position = request.numbers().indexOf(line);
            if (position >= 0) {
                return Optional.of(new Place(request, position));
            }
        }
        return Optional.empty();
    }

    /** Keeps lines that the driver granted, until the lease ends; at once given back if it has. */
    void add(HeldLines request) throws Refused {
        synchronized (this) {
            if (!ended) {
                requests.add(request);
                return;
            }
        }
        request.close();
        throw Refused.unavailable("the lease on %s has ended: request the lines again".formatted(id));
    }

    synchronized Optional<PwmChannel> channel(int number) {
        return Optional.ofNullable(channels.get(number));
    }

    /** Takes a channel, or finds it taken by this node. */
    synchronized PwmChannel channel(PwmChip chip, int number) throws Refused, DeviceException {
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
    void discard(int number) {
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
    void release(List<Integer> numbers) throws Refused {
        List<HeldLines> given = new ArrayList<>();
        List<PwmChannel> stopped = new ArrayList<>();
        synchronized (this) {
            Set<Integer> rest = new HashSet<>(numbers);
            for (HeldLines request : requests) {
                if (rest.removeAll(request.numbers())) {
                    if (!numbers.containsAll(request.numbers())) {
                        throw Refused.badRequest("lines %s of %s were requested together: release them together"
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
        given.forEach(HeldLines::close);
        stopped.forEach(PwmChannel::close);
        releaseIfEmpty();
    }

    /** Gives the lease back if it holds nothing. */
    void releaseIfEmpty() {
        synchronized (this) {
            if (!requests.isEmpty() || !channels.isEmpty()) {
                return;
            }
            ended = true;
        }
        lease.release();
    }

    Lease lease() {
        return lease;
    }

    /** Gives everything back; the lease has ended. */
    void end() {
        List<HeldLines> given;
        List<PwmChannel> stopped;
        synchronized (this) {
            ended = true;
            given = List.copyOf(requests);
            stopped = List.copyOf(channels.values());
            requests.clear();
            channels.clear();
        }
        given.forEach(HeldLines::close);
        stopped.forEach(PwmChannel::close);
    }
}
