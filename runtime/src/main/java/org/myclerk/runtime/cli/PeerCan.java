package org.myclerk.runtime.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.None;
import org.myclerk.op.can.CanFilter;
import org.myclerk.op.can.CanFrame;
import org.myclerk.op.can.CanOperations;
import org.myclerk.op.can.ChannelRef;
import org.myclerk.op.can.FilterSet;
import org.myclerk.op.can.FrameReceive;
import org.myclerk.op.can.FrameSend;
import org.myclerk.op.can.Frames;
import org.myclerk.op.can.InterfaceInfo;
import org.myclerk.op.can.InterfaceOpen;

/** A CAN interface of a peer, opened with the CAN operations (§6.3.6). */
final class PeerCan implements AutoCloseable {

    static final int BATCH = 256;

    /** Answers the peer may be ahead. */
    private static final int CREDIT = 16;
    private static final CallOptions PATIENT = new CallOptions(null, Duration.ofMinutes(10));
    private static final CallOptions SHORT = new CallOptions(null, Duration.ofSeconds(2));

    private final Peer peer;
    private final String channel;

    /** @param channel its id */
    PeerCan(Peer peer, String channel) throws Refused, IOException, InterruptedException {
        this.peer = peer;
        this.channel = channel;
        peer.call(CanOperations.CAN_INTERFACE_OPEN, new InterfaceOpen(channel, Optional.empty()));
    }

    /** The interface that is meant: by id, or by name if only one has it. */
    static InterfaceInfo choose(Peer peer, String wanted) throws Failure, Refused, IOException,
            InterruptedException {
        List<InterfaceInfo> all = peer.call(CanOperations.CAN_INTERFACE_LIST, None.NONE).interfaces();
        List<InterfaceInfo> meant = all.stream().filter(info -> info.channel().equals(wanted)).toList();
        if (meant.isEmpty()) {
            meant = all.stream().filter(info -> info.name().equals(wanted)).toList();
        }
        if (meant.size() == 1) {
            return meant.getFirst();
        }
        List<String> ids = all.stream().map(InterfaceInfo::channel).toList();
        throw new Failure("%s: %s has no such CAN interface%s".formatted(wanted, peer.name(), ids.isEmpty()
                ? ", and no other either" : Suggestion.ending(wanted, ids) + "; it has "
                + String.join(", ", ids)));
    }

    /** The ids of a peer's interfaces. */
    static List<String> ids(Peer peer) throws Refused, IOException, InterruptedException {
        return peer.call(CanOperations.CAN_INTERFACE_LIST, None.NONE).interfaces().stream()
                .map(InterfaceInfo::channel)
                .toList();
    }

    void filter(List<CanFilter> filters, boolean all) throws Refused, IOException, InterruptedException {
        peer.call(CanOperations.CAN_FILTER_SET, new FilterSet(channel, filters,
                all ? Optional.of(true) : Optional.empty()));
    }

    Followed<Frames> follow() throws IOException, InterruptedException {
        return peer.follow(CanOperations.CAN_FRAME_RECEIVE, new FrameReceive(channel, Optional.of(BATCH),
                Optional.empty()), CREDIT, PATIENT);
    }

    void send(List<CanFrame> frames) throws Refused, IOException, InterruptedException {
        peer.call(CanOperations.CAN_FRAME_SEND, new FrameSend(channel, frames), PATIENT);
    }

    /** Gives it back, as far as the peer can be reached. */
    @Override
    public void close() {
        try {
            if (peer.connected()) {
                peer.call(CanOperations.CAN_INTERFACE_CLOSE, new ChannelRef(channel), SHORT);
            }
        } catch (Refused | IOException _) {
            // The lease ends by itself.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
