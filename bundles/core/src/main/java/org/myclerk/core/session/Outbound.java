package org.myclerk.core.session;

import java.util.ArrayDeque;
import java.util.Arrays;

import org.myclerk.api.operation.ProtocolException.Fatal;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Envelope;
import org.myclerk.api.payload.MessagePackWriter;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.core.frame.Compression;
import org.myclerk.core.frame.Container;
import org.myclerk.core.frame.Layout;
import org.myclerk.core.frame.Reassembly;
import org.myclerk.core.frame.SealingHalf;

/**
 * Turns waiting messages into sealed frames: small neighbours into containers, large ones into fragments
 * (profile §7-§9). Not thread-safe.
 */
final class Outbound {

    private static final int LARGEST_CONTAINER = 16 * 1024;
    private static final int SMALLEST_COMPRESSED = 256;
    private static final int NOP = 0;
    /** Bytes that are kept for the next frame while nothing is sent. */
    private static final int SMALL = 256;

    private final Session session;
    private final Traffic traffic;
    private final Output out;
    private final Established established;
    private final int largestFrame;
    private final boolean fragments;
    private final int algorithm;
    /** Holds the frame that is being built; payloads are written where they will be sealed. */
    private MessagePackWriter frame = new MessagePackWriter(SMALL);
    private long nextMessageId = 1;
    /** Items of the container that gathers, its tier, and the operation of its first item. */
    private int items;
    private Tier gathering;
    private int first;

    Outbound(Session session, Traffic traffic, Output out, Established established, int largestFrame) {
        this.session = session;
        this.traffic = traffic;
        this.out = out;
        this.established = established;
        this.largestFrame = largestFrame;
        this.fragments = established.selected(Settings.FRAGMENTATION);
        this.algorithm = established.selected(Compression.LZ4) ? Compression.LZ4
                : established.selected(Compression.ZSTD) ? Compression.ZSTD : -1;
    }

    private int largestPlaintext(Tier tier) {
        return largestFrame - Layout.sealedOverhead(tier);
    }

    /** The largest payload of one message, in bytes. */
    int largestPayload(Tier tier) {
        return fragments ? Compression.LARGEST_MESSAGE : Math.min(Compression.LARGEST_MESSAGE,
                largestPlaintext(tier));
    }

    /**
     * Writes a message into the container that gathers until {@link #finish}, or seals it at once if it is
     * too large for one.
     *
     * @param most bytes of payload that it may have; one that has more is not sent
     * @return the bytes of payload it has
     */
    <T> int append(Tier tier, int operation, boolean compressible, PayloadCodec<T> codec, Envelope envelope,
            T value, int most) throws Fatal {
        if (items > 0 && (tier != gathering || items == Container.MOST_ITEMS)) {
            finish();
        }
        int start = Layout.header(tier);
        int item = items == 0 ? start : frame.length();
        int payload = item + Container.ITEM_OVERHEAD;
        frame.position(payload);
        try {
            codec.write(frame, envelope, value);
        } catch (RuntimeException unwritable) {
            frame.position(item);
            throw unwritable;
        }
        int length = frame.length() - payload;
        if (length > most) {
            frame.position(item);
        } else if (!small(tier, operation, length, compressible)
                || frame.length() - start > containerLimit(tier)) {
            Outgoing message = new Outgoing(tier, operation,
                    Arrays.copyOfRange(frame.array(), payload, payload + length), compressible);
            frame.position(item);
            finish();
            send(message);
        } else {
            Container.header(frame.array(), item, operation, length);
            if (items++ == 0) {
                gathering = tier;
                first = operation;
            }
        }
        return length;
    }

    /** Seals what {@link #append} has gathered: several messages as a container, a lone one as it is. */
    void finish() throws Fatal {
        if (items == 0) {
            return;
        }
        boolean alone = items == 1;
        items = 0;
        int start = Layout.header(gathering);
        int length = frame.length() - start;
        if (alone) {
            length -= Container.ITEM_OVERHEAD;
            System.arraycopy(frame.array(), start + Container.ITEM_OVERHEAD, frame.array(), start, length);
        }
        seal(traffic.sending(), gathering, alone ? first : NOP, false, false, null, length);
    }

    private void send(Outgoing message) throws Fatal {
        if (mayCarry(message)) {
            single(message);
        } else {
            out.unsendable(message);
        }
    }

    /** Seals messages of the queue until it is empty or there is congestion. @return how many left it */
    int seal(ArrayDeque<Outgoing> waiting) throws Fatal {
        finish();
        int before = waiting.size();
        while (!waiting.isEmpty() && !out.congested()) {
            Outgoing first = waiting.poll();
            if (!mayCarry(first)) {
                out.unsendable(first);
            } else if (small(first) && together(first, waiting.peek(), Container.ITEM_OVERHEAD
                    + first.length())) {
                container(first, waiting);
            } else {
                single(first);
            }
        }
        return before - waiting.size();
    }

    private boolean mayCarry(Outgoing message) {
        return !established.tier().below(message.tier()) && message.operation() > 0x001F
                && message.operation() != 0xFFFF
                && !message.tier().below(session.ordered() ? Tier.T2 : Tier.T3)
                && message.length() <= largestPayload(message.tier());
    }

    private boolean small(Outgoing message) {
        return small(message.tier(), message.operation(), message.length(), message.compressible());
    }

    private boolean small(Tier tier, int operation, int length, boolean compressible) {
        return !tier.below(Tier.T3) && Container.allowed(operation)
                && !worthCompressing(operation, length, compressible)
                && Container.ITEM_OVERHEAD + length <= containerLimit(tier);
    }

    private int containerLimit(Tier tier) {
        return Math.min(LARGEST_CONTAINER, largestPlaintext(tier));
    }

    private boolean together(Outgoing first, Outgoing next, int used) {
        return next != null && next.tier() == first.tier() && mayCarry(next) && small(next)
                && used + Container.ITEM_OVERHEAD + next.length() <= containerLimit(first.tier());
    }

    private void container(Outgoing first, ArrayDeque<Outgoing> waiting) throws Fatal {
        Tier tier = first.tier();
        int start = Layout.header(tier);
        room(containerLimit(tier) + Layout.sealedOverhead(tier));
        int position = item(start, first);
        for (int items = 1; items < Container.MOST_ITEMS && together(first, waiting.peek(),
                position - start); items++) {
            position = item(position, waiting.poll());
        }
        seal(traffic.sending(), tier, NOP, false, false, null, position - start);
    }

    private int item(int position, Outgoing message) {
        return Container.write(frame.array(), position, message.operation(), message.payload(), 0,
                message.length());
    }

    private boolean worthCompressing(int operation, int length, boolean compressible) {
        return compressible && algorithm >= 0 && length >= SMALLEST_COMPRESSED
                && !Compression.barred(operation);
    }

    private void single(Outgoing message) throws Fatal {
        byte[] data = message.payload();
        boolean compressed = false;
        if (worthCompressing(message.operation(), message.length(), message.compressible())) {
            byte[] shorter = Compression.compress(algorithm, data, 0, data.length);
            if (shorter.length < data.length) {
                data = shorter;
                compressed = true;
            }
        }
        Tier tier = message.tier();
        if (data.length <= largestPlaintext(tier)) {
            room(data.length + Layout.sealedOverhead(tier));
            System.arraycopy(data, 0, frame.array(), Layout.header(tier), data.length);
            seal(traffic.sending(), tier, message.operation(), compressed, false, null, data.length);
        } else {
            pieces(message, data, compressed);
        }
    }

    private void pieces(Outgoing message, byte[] data, boolean compressed) throws Fatal {
        Tier tier = message.tier();
        int size = largestPlaintext(tier) - Reassembly.HEADER;
        int count = (data.length + size - 1) / size;
        if (count > Reassembly.MOST_PIECES) {
            out.unsendable(message);
            return;
        }
        room(largestFrame);
        long id = nextMessageId++;
        int header = Layout.header(tier);
        for (int index = 0; index < count; index++) {
            int from = index * size;
            int length = Math.min(size, data.length - from);
            Reassembly.header(frame.array(), header, id, index, count);
            System.arraycopy(data, from, frame.array(), header + Reassembly.HEADER, length);
            seal(traffic.sending(), tier, message.operation(), compressed, true, null, Reassembly.HEADER
                    + length);
        }
    }

    /** Sends a message of the session's own. */
    <T> void send(SealingHalf half, Tier tier, int operation, byte[] ephemeral, PayloadCodec<T> codec,
            Envelope envelope, T value) throws Fatal {
        finish();
        int start = Layout.header(tier);
        frame.position(start);
        codec.write(frame, envelope, value);
        seal(half, tier, operation, false, false, ephemeral, frame.length() - start);
    }

    private void seal(SealingHalf half, Tier tier, int operation, boolean compressed, boolean fragmented,
            byte[] ephemeral, int plaintext) throws Fatal {
        room(Layout.sealedOverhead(tier) + plaintext);
        int length = half.seal(frame.array(), 0, tier, operation, compressed, fragmented,
                established.sessionId(),
                session.date(), ephemeral, plaintext);
        out.frame(frame.array(), 0, length);
    }

    private void room(int needed) {
        frame.position(0);
        frame.ensure(needed);
    }

    /** Nothing was sent for a while: a large buffer is given up. */
    void rest() {
        if (items == 0 && frame.array().length > SMALL) {
            Arrays.fill(frame.array(), (byte) 0);
            frame = new MessagePackWriter(SMALL);
        }
    }

    /** Overwrites what may still lie in the buffer. */
    void erase() {
        items = 0;
        Arrays.fill(frame.array(), (byte) 0);
    }
}
