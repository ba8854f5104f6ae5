package org.myclerk.runtime.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.jline.utils.Signals;
import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.backend.linux.can.VirtualCan;
import org.myclerk.device.DeviceException;
import org.myclerk.device.can.CanFrame.Kind;
import org.myclerk.device.can.CanFrame.Origin;
import org.myclerk.device.can.OpenCan;
import org.myclerk.op.can.CanFrame;
import org.myclerk.op.can.FrameKind;
import org.myclerk.op.can.Frames;

/**
 * Gives a remote CAN interface to programs here: a virtual interface carries its frames both ways, in order.
 * Error frames stay where they are. When the session breaks it goes on once the peer is back; frames from
 * here wait meanwhile, as many as the kernel keeps.
 */
final class VcanBridge {

    private static final int BATCH = 64;
    private static final Duration TICK = Duration.ofMinutes(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final String STOP = "stop";

    private final Reach reach;
    private final String peerName;
    private final String channel;
    private final String name;
    private final Consumer<String> say;
    /** Why it cannot go on as it is: {@link #STOP}, or what broke. */
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final BlockingQueue<List<CanFrame>> fromHere = new LinkedBlockingQueue<>(16);

    VcanBridge(Reach reach, String peerName, String channel, String name, Consumer<String> say) {
        this.reach = reach;
        this.peerName = peerName;
        this.channel = channel;
        this.name = name;
        this.say = say;
    }

    /** Carries on until it is interrupted, or the virtual interface goes away. */
    void run() throws Failure, Refused, IOException, InterruptedException {
        Signals.register("INT", () -> events.add(STOP));
        Signals.register("TERM", () -> events.add(STOP));
        Peer peer = reach.peer(peerName);
        PeerCan remote = new PeerCan(peer, channel);
        try (VirtualCan virtual = VirtualCan.create(name); OpenCan local = virtual.open()) {
            say.accept("%s is %s of %s; Ctrl-C ends it".formatted(name, channel, peer.name()));
            Thread.ofPlatform().daemon().name("vcan-from-here").start(() -> fromHere(local));
            while (remote != null) {
                String why = carry(remote, local);
                remote = why.equals(STOP) ? null : again(why);
            }
        } catch (DeviceException e) {
            throw new Failure(e.getMessage());
        }
    }

    private String carry(PeerCan remote, OpenCan local) throws InterruptedException {
        Thread here = Thread.ofVirtual().start(() -> toHere(remote, local));
        Thread there = Thread.ofVirtual().start(() -> toThere(remote));
        try {
            return events.take();
        } finally {
            here.interrupt();
            there.interrupt();
            here.join();
            there.join();
            remote.close();
        }
    }

    /** Opens it again, waiting longer each time; {@code null} if it is to stop. */
    private PeerCan again(String why) throws InterruptedException {
        String reason = why;
        for (Duration pause = Duration.ofSeconds(1);; pause = pause.multipliedBy(2)) {
            pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
            say.accept("%s; trying again in %d s".formatted(reason, pause.toSeconds()));
            long end = System.nanoTime() + pause.toNanos();
            for (String event = events.poll(pause.toNanos(), TimeUnit.NANOSECONDS); event != null;
                    event = events.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                if (event.equals(STOP)) {
                    return null;
                }
            }
            try {
                PeerCan opened = new PeerCan(reach.peer(peerName), channel);
                say.accept("the interface is open again");
                return opened;
            } catch (Failure | Refused | IOException failed) {
                reason = Main.message(failed);
            }
        }
    }

    private void fromHere(OpenCan local) {
        try {
            while (true) {
                OpenCan.Received received = local.receive(BATCH, TICK);
                if (received.lost() > 0) {
                    say.accept("%d frames from here were lost, %s was too slow".formatted(received.lost(),
                            peerName));
                }
                List<CanFrame> frames = new ArrayList<>();
                for (org.myclerk.device.can.CanFrame frame : received.frames()) {
                    if (frame.kind() != Kind.ERROR) {
                        frames.add(toSend(frame));
                    }
                }
                if (!frames.isEmpty()) {
                    fromHere.put(frames);
                }
            }
        } catch (DeviceException gone) {
            say.accept(gone.getMessage());
            events.add(STOP);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void toThere(PeerCan remote) {
        try {
            while (true) {
                List<CanFrame> frames = new ArrayList<>(fromHere.take());
                for (List<CanFrame> more = fromHere.poll(); more != null; more = fromHere.poll()) {
                    frames.addAll(more);
                }
                remote.send(frames);
            }
        } catch (Refused | IOException failed) {
            events.add(Main.message(failed));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void toHere(PeerCan remote, OpenCan local) {
        try (Followed<Frames> following = remote.follow()) {
            for (Frames came = following.next(); came != null; came = following.next()) {
                came.lost()
                        .ifPresent(lost -> say.accept("%d frames were lost at %s".formatted(lost, channel)));
                List<org.myclerk.device.can.CanFrame> frames = new ArrayList<>();
                for (CanFrame frame : came.frames()) {
                    if (frame.kind().orElse(FrameKind.CLASSIC) != FrameKind.ERROR) {
                        frames.add(received(frame));
                    }
                }
                local.send(frames);
            }
            events.add("the peer ended it");
        } catch (DeviceException here) {
            say.accept(here.getMessage());
            events.add(STOP);
        } catch (Refused | IOException failed) {
            events.add(Main.message(failed));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static CanFrame toSend(org.myclerk.device.can.CanFrame frame) {
        boolean classic = frame.kind() == Kind.CLASSIC;
        return new CanFrame(frame.id(), classic ? Optional.empty()
                : Optional.of(FrameKind.valueOf(frame.kind().name())),
                flag(frame.extended()), flag(frame.bitRateSwitch()), flag(frame.errorState()),
                frame.kind() == Kind.REMOTE || classic && frame.dlc() > 8 ? Optional.of(frame.dlc())
                : Optional.empty(),
                frame.data(), Optional.empty(), Optional.empty());
    }

    private static Optional<Boolean> flag(boolean set) {
        return set ? Optional.of(true) : Optional.empty();
    }

    private static org.myclerk.device.can.CanFrame received(CanFrame frame) {
        Kind kind = Kind.valueOf(frame.kind().orElse(FrameKind.CLASSIC).name());
        int dlc = frame.dlc().orElseGet(() -> org.myclerk.device.can.CanFrame.dlc(kind,
                frame.data().length()));
        return new org.myclerk.device.can.CanFrame(kind, frame.id(), frame.extended().orElse(false),
                frame.bitRateSwitch().orElse(false), frame.errorState().orElse(false), dlc, frame.data(), 0,
                Origin.BUS);
    }
}
