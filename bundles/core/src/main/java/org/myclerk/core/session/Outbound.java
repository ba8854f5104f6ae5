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

    private final Session session;
    private final Traffic traffic;
    private final Output out;
    private final Established established;
    private final int largestFrame;
    private final boolean fragments;
    private final int algorithm;
    private final MessagePackWriter writer = new MessagePackWriter();
    private byte[] buffer = new byte[1024];
    private long nextMessageId = 1;

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

    /** Seals messages of the queue until it is empty or there is congestion. @return how many left it */
    int seal(ArrayDeque<Outgoing> waiting) throws Fatal {
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
        return !message.tier().below(Tier.T3) && Container.allowed(message.operation())
                && !worthCompressing(message)
                && Container.ITEM_OVERHEAD + message.length() <= containerLimit(message.tier());
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
        return Container.write(buffer, position, message.operation(), message.payload(), 0, message.length());
    }

    private boolean worthCompressing(Outgoing message) {
        return message.compressible() && algorithm >= 0 && message.length() >= SMALLEST_COMPRESSED
                && !Compression.barred(message.operation());
    }

    private void single(Outgoing message) throws Fatal {
        byte[] data = message.payload();
        boolean compressed = false;
        if (worthCompressing(message)) {
            byte[] shorter = Compression.compress(algorithm, data, 0, data.length);
            if (shorter.length < data.length) {
                data = shorter;
                compressed = true;
            }
        }
        Tier tier = message.tier();
        if (data.length <= largestPlaintext(tier)) {
            room(data.length + Layout.sealedOverhead(tier));
            System.arraycopy(data, 0, buffer, Layout.header(tier), data.length);
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
            Reassembly.header(buffer, header, id, index, count);
            System.arraycopy(data, from, buffer, header + Reassembly.HEADER, length);
            seal(traffic.sending(), tier, message.operation(), compressed, true, null, Reassembly.HEADER
                    + length);
        }
    }

    /** Sends a message of the session's own. */
    <T> void send(SealingHalf half, Tier tier, int operation, byte[] ephemeral, PayloadCodec<T> codec,
            Envelope envelope, T value) throws Fatal {
        writer.reset();
        codec.write(writer, envelope, value);
        int length = writer.length();
        room(length + Layout.sealedOverhead(tier));
        System.arraycopy(writer.array(), 0, buffer, Layout.header(tier), length);
        seal(half, tier, operation, false, false, ephemeral, length);
    }

    private void seal(SealingHalf half, Tier tier, int operation, boolean compressed, boolean fragmented,
            byte[] ephemeral, int plaintext) throws Fatal {
        int length = half.seal(buffer, 0, tier, operation, compressed, fragmented, established.sessionId(),
                session.settings().clock().unixSeconds(), ephemeral, plaintext);
        out.frame(buffer, 0, length);
    }

    private void room(int needed) {
        if (buffer.length < needed) {
            buffer = new byte[Math.max(needed, 2 * buffer.length)];
        }
    }

    /** Overwrites what may still lie in the buffer. */
    void erase() {
        Arrays.fill(buffer, (byte) 0);
    }
}
