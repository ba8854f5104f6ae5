package org.myclerk.transport.tcp;

import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;

import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.transport.Link;
import org.myclerk.api.transport.LinkAcceptor;
import org.myclerk.api.transport.LinkHandler;

/**
 * A TCP connection: {@code u32(length) || frame}, length 1..65535 (profile §17). What a read brings is handed
 * over from the loop's buffer; only a frame that has not come whole is kept here. What is sent gathers in one
 * buffer, borrowed from the loop while it is not empty.
 */
final class TcpLink implements Link, Ready {

    static final int LARGEST_FRAME = 65535;

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final byte[] NONE = {};
    private static final int PREFIX = 4;
    private static final int FIRST_LIMIT = 2048;
    private static final int KEPT = 4096;
    private static final int CONGESTED = 1 << 16;
    private static final int WRITE = 1 << 18;
    /** Far above what a sender that heeds {@link #congested} can reach. */
    private static final int MOST_QUEUED = 1 << 24;
    private static final Duration FLUSH = Duration.ofSeconds(5);
    private static final Duration LINGER = Duration.ofSeconds(1);

    private enum State {
        OPEN,
        /** Closed by the handler; what is queued is still being written. */
        CLOSING,
        /**
         * The end was sent and the handler told; until the peer's end comes, what it sends is thrown away.
         */
        LINGERING,
        CLOSED
    }

    private final Loop loop;
    private final SocketChannel channel;
    private final InetSocketAddress peer;
    private SelectionKey key;
    private LinkHandler handler;
    private State state = State.OPEN;
    private int limit = FIRST_LIMIT;
    private boolean reading = true;
    private byte[] partial = NONE;
    private int partialLength;
    private ByteBuffer out;
    private int start;
    private int end;
    private boolean touched;
    private boolean drainDue;
    private boolean writableDue;
    private IOException failure;
    private Timers.Entry timers;
    private Timers.Entry patience;

    private TcpLink(Loop loop, SocketChannel channel) throws IOException {
        this.loop = loop;
        this.channel = channel;
        this.peer = (InetSocketAddress) channel.getRemoteAddress();
        if (peer == null) {
            throw new IOException("the peer has gone");
        }
    }

    /**
     * Takes a connected, non-blocking channel that the loop was promised ({@link Loop#join}) and asks the
     * acceptor. If it wants no link, the channel is closed and the promise returned.
     *
     * @throws IOException if the link could not be set up; the channel is closed then too
     */
    static void open(Loop loop, SocketChannel channel, LinkAcceptor acceptor) throws IOException {
        TcpLink link = null;
        try {
            link = new TcpLink(loop, channel);
            link.key = loop.register(channel, SelectionKey.OP_READ, link);
            link.handler = acceptor.accept(link);
        } catch (IOException failed) {
            channel.close();
            loop.leave();
            throw failed;
        } catch (Throwable bug) {
            link.end(link.report(bug));
            throw new IOException("the connection was closed after an error here; see the log", bug);
        }
        if (link.handler == null) {
            link.end(null);
        } else {
            link.drainDue = true;
            link.touch();
        }
    }

    @Override
    public InetAddress address() {
        return peer.getAddress();
    }

    @Override
    public Endpoint remote() {
        return new Endpoint("tcp", peer.getAddress().getHostAddress(), peer.getPort());
    }

    @Override
    public void receiveLimit(int bytes) {
        limit = Math.min(bytes, LARGEST_FRAME);
    }

    @Override
    public void send(byte[] frame, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, frame.length);
        if (length < 1 || length > LARGEST_FRAME) {
            throw new IllegalArgumentException("a frame of %d bytes is not in 1..65535".formatted(length));
        }
        if (state != State.OPEN || failure != null) {
            return;
        }
        if (end - start > MOST_QUEUED) {
            fail(new IOException("the peer does not read what it is sent"));
            return;
        }
        reserve(PREFIX + length);
        out.putInt(end, length).put(end + PREFIX, frame, offset, length);
        end += PREFIX + length;
    }

    private void reserve(int bytes) {
        if (out == null) {
            out = loop.spare();
        }
        if (end + bytes <= out.capacity()) {
            return;
        }
        ByteBuffer from = out;
        int needed = end - start + bytes;
        if (needed > from.capacity() / 4 * 3) {
            out = ByteBuffer.allocate(Math.max(2 * from.capacity(), 2 * Integer.highestOneBit(needed)));
        }
        out.put(0, from, start, end - start);
        if (out != from) {
            loop.giveBack(from);
        }
        end -= start;
        start = 0;
    }

    @Override
    public void flush() {
        if (waiting() || failure != null) {
            return;
        }
        try {
            write();
        } catch (IOException broken) {
            fail(broken);
        }
    }

    @Override
    public boolean congested() {
        boolean congested = end - start > CONGESTED;
        writableDue |= congested;
        return congested;
    }

    @Override
    public void reading(boolean on) {
        reading = on;
        interest(waiting());
    }

    @Override
    public void close() {
        if (state == State.OPEN) {
            flush();
            state = State.CLOSING;
            patience = loop.after(FLUSH, null,
                    () -> end(new IOException("the peer did not take what was sent last")));
            interest(waiting());
            touch();
        }
    }

    @Override
    public long now() {
        return loop.now();
    }

    @Override
    public void execute(Runnable task) {
        loop.submit(this, task);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        return loop.after(delay, this, task);
    }

    /** Takes a timer into the link's keeping; {@code false} if the link has ended. */
    boolean own(Timers.Entry timer) {
        if (ended()) {
            return false;
        }
        timer.next = timers;
        if (timers != null) {
            timers.previous = timer;
        }
        timers = timer;
        return true;
    }

    /** Harmless if it is not here. */
    void disown(Timers.Entry timer) {
        if (timer.previous != null) {
            timer.previous.next = timer.next;
        } else if (timers == timer) {
            timers = timer.next;
        }
        if (timer.next != null) {
            timer.next.previous = timer.previous;
        }
        timer.previous = null;
        timer.next = null;
    }

    @Override
    public void ready() {
        try {
            int operations = key.readyOps();
            if ((operations & SelectionKey.OP_WRITE) != 0) {
                write();
            }
            if ((operations & SelectionKey.OP_READ) != 0) {
                read();
            }
        } catch (IOException broken) {
            end(broken);
        }
    }

    @Override
    public void stop() {
        close();
    }

    /** Ends at once, because the loop does. */
    void abandon() {
        end(null);
    }

    /** Runs a task for the link, and its handler's turn to send at the end of the loop's turn. */
    void run(Runnable task) {
        if (ended()) {
            return;
        }
        try {
            task.run();
        } catch (Throwable bug) {
            end(report(bug));
            return;
        }
        drainDue = true;
        touch();
    }

    /** What has come due since the last turn. */
    void settle() {
        touched = false;
        if (ended()) {
            return;
        }
        if (failure != null) {
            end(failure);
            return;
        }
        try {
            if (writableDue && state == State.OPEN && end - start <= CONGESTED) {
                writableDue = false;
                drainDue = true;
                handler.writable();
            }
            if (drainDue && state == State.OPEN) {
                drainDue = false;
                handler.drained();
            }
        } catch (Throwable bug) {
            end(report(bug));
            return;
        }
        if (state == State.CLOSING && start == end && failure == null) {
            finish();
        }
    }

    private boolean ended() {
        return state == State.LINGERING || state == State.CLOSED;
    }

    private void touch() {
        if (!touched) {
            touched = true;
            loop.touch(this);
        }
    }

    /** Ends the link once the handler that is running has returned. */
    private void fail(IOException cause) {
        failure = cause;
        touch();
    }

    private IOException report(Throwable bug) {
        Loop.log(Level.WARNING, "closed the link with " + remote() + " after an error in its handler", bug);
        return new IOException("closed after an error of this program", bug);
    }

    private boolean waiting() {
        return key.isValid() && (key.interestOps() & SelectionKey.OP_WRITE) != 0;
    }

    private void interest(boolean writing) {
        if (key.isValid()) {
            key.interestOps((reading || state != State.OPEN ? SelectionKey.OP_READ : 0)
                    | (writing ? SelectionKey.OP_WRITE : 0));
        }
    }

    private void write() throws IOException {
        boolean was = waiting();
        boolean full = false;
        while (start < end && !full) {
            int size = Math.min(end - start, WRITE);
            out.limit(start + size).position(start);
            int written = channel.write(out);
            out.clear();
            start += written;
            full = written < size;
        }
        if (out != null && start == end) {
            loop.giveBack(out);
            out = null;
            start = 0;
            end = 0;
        }
        if (was != full) {
            interest(full);
        }
        if (writableDue && end - start <= CONGESTED || state == State.CLOSING && start == end) {
            touch();
        }
    }

    private void read() throws IOException {
        if (state == State.CLOSED) {
            return;
        }
        int count = loop.read(channel);
        if (count < 0) {
            end(state == State.OPEN && partialLength > 0
                    ? new EOFException("the peer ended in the middle of a frame") : null);
            return;
        }
        if (state != State.OPEN) {
            return;
        }
        try {
            deliver(loop.in, count);
            if (state == State.OPEN) {
                drainDue = false;
                handler.drained();
            }
        } catch (IOException refused) {
            end(refused);
        } catch (Throwable bug) {
            end(report(bug));
        }
    }

    private void deliver(byte[] bytes, int count) throws IOException {
        int at = partialLength > 0 ? complete(bytes, count) : 0;
        while (state == State.OPEN && count - at >= PREFIX) {
            int length = checked((int) INT.get(bytes, at));
            if (count - at - PREFIX < length) {
                break;
            }
            handler.received(bytes, at + PREFIX, length);
            at += PREFIX + length;
        }
        int rest = count - at;
        if (rest > 0) {
            keep(bytes, at, rest, Integer.MAX_VALUE);
        } else if (partialLength == 0 && partial.length > KEPT) {
            partial = NONE;
        }
    }

    /** Adds to the kept beginning of a frame, and hands it over if it is whole; how many bytes that took. */
    private int complete(byte[] bytes, int count) throws IOException {
        int at = 0;
        if (partialLength < PREFIX) {
            at = Math.min(PREFIX - partialLength, count);
            keep(bytes, 0, at, PREFIX);
            if (partialLength < PREFIX) {
                return at;
            }
        }
        int whole = PREFIX + checked((int) INT.get(partial, 0));
        int more = Math.min(whole - partialLength, count - at);
        keep(bytes, at, more, whole);
        if (partialLength == whole) {
            partialLength = 0;
            handler.received(partial, PREFIX, whole - PREFIX);
        }
        return at + more;
    }

    private void keep(byte[] bytes, int offset, int length, int whole) {
        int needed = partialLength + length;
        if (needed > partial.length) {
            partial = Arrays.copyOf(partial, Math.max(64, Math.min(whole, 2 * needed)));
        }
        System.arraycopy(bytes, offset, partial, partialLength, length);
        partialLength = needed;
    }

    private int checked(int length) throws IOException {
        if (length < 1 || length > limit) {
            throw new IOException("the peer announced a frame of %s bytes, allowed are 1 to %d"
                    .formatted(Integer.toUnsignedString(length), limit));
        }
        return length;
    }

    /**
     * All is written: says so to both sides, and waits for the peer's end so that nothing on its way is lost.
     */
    private void finish() {
        try {
            channel.shutdownOutput();
        } catch (IOException _) {
            end(null);
            return;
        }
        tell(State.LINGERING, null);
        patience = loop.after(LINGER, null, () -> end(null));
        interest(false);
    }

    private void end(IOException cause) {
        if (state == State.CLOSED) {
            return;
        }
        boolean told = state == State.LINGERING;
        try {
            channel.close();
        } catch (IOException failed) {
            Loop.log(Level.DEBUG, "a socket could not be closed", failed);
        }
        loop.leave();
        if (told) {
            state = State.CLOSED;
            patience.cancel();
        } else {
            tell(State.CLOSED, cause);
        }
    }

    private void tell(State last, IOException cause) {
        state = last;
        if (patience != null) {
            patience.cancel();
        }
        while (timers != null) {
            timers.cancel();
        }
        partial = NONE;
        partialLength = 0;
        if (out != null) {
            loop.giveBack(out);
            out = null;
            start = 0;
            end = 0;
        }
        if (handler == null) {
            return;
        }
        try {
            handler.closed(cause);
        } catch (Throwable bug) {
            Loop.log(Level.WARNING, "the handler of " + remote() + " failed when told of its end", bug);
        }
    }
}
