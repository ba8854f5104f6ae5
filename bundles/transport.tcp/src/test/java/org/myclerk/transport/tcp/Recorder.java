package org.myclerk.transport.tcp;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.myclerk.api.transport.Link;
import org.myclerk.api.transport.LinkAcceptor;
import org.myclerk.api.transport.LinkHandler;

/** Keeps what happens on a link. */
class Recorder implements LinkHandler {

    final BlockingQueue<byte[]> frames = new LinkedBlockingQueue<>();
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    final CompletableFuture<Link> link = new CompletableFuture<>();
    final CompletableFuture<String> closed = new CompletableFuture<>();

    LinkAcceptor acceptor() {
        return up -> {
            up.receiveLimit(65535);
            link.complete(up);
            return this;
        };
    }

    Link link() throws Exception {
        return link.get(10, TimeUnit.SECONDS);
    }

    /** {@code null} if it ended in order. */
    String closed() throws Exception {
        return closed.get(10, TimeUnit.SECONDS);
    }

    byte[] frame() throws InterruptedException {
        byte[] frame = frames.poll(10, TimeUnit.SECONDS);
        if (frame == null) {
            throw new AssertionError("no frame came");
        }
        return frame;
    }

    /** Sends on the link's loop. */
    void send(byte[]... all) throws Exception {
        Link up = link();
        up.execute(() -> {
            for (byte[] frame : all) {
                up.send(frame, 0, frame.length);
            }
            up.flush();
        });
    }

    @Override
    public void received(byte[] buffer, int offset, int length) {
        frames.add(Arrays.copyOfRange(buffer, offset, offset + length));
        events.add("received");
    }

    @Override
    public void drained() {
        events.add("drained");
    }

    @Override
    public void writable() {
        events.add("writable");
    }

    @Override
    public void closed(IOException cause) {
        events.add("closed");
        closed.complete(cause == null ? null : cause.getMessage());
    }
}
