package org.myclerk.vendor.node.internal;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

import org.myclerk.api.payload.Bytes;
import org.myclerk.api.transport.Link;
import org.myclerk.api.transport.LinkHandler;

/** One end of a link; it writes down what happens, and that it happens on one thread. */
final class Recorder implements LinkHandler {

    final Link link;
    final BlockingQueue<Bytes> frames = new LinkedBlockingQueue<>();
    final BlockingQueue<Boolean> writable = new LinkedBlockingQueue<>();
    final CompletableFuture<Void> leaving = new CompletableFuture<>();
    /** Completes with the cause, or with an empty text if there is none. */
    final CompletableFuture<String> closed = new CompletableFuture<>();
    final CompletableFuture<String> elsewhere = new CompletableFuture<>();
    final Thread loop = Thread.currentThread();

    Recorder(Link link) {
        this.link = link;
    }

    private void here() {
        if (Thread.currentThread() != loop) {
            elsewhere.complete(Thread.currentThread().toString());
        }
    }

    /** Runs on the link's loop. */
    void on(Runnable task) {
        link.execute(task);
    }

    void send(byte... frame) {
        on(() -> link.send(frame, 0, frame.length));
    }

    @Override
    public void received(byte[] buffer, int offset, int length) {
        here();
        frames.add(Bytes.copyOf(buffer, offset, length));
    }

    @Override
    public void drained() {
        here();
        link.flush();
    }

    @Override
    public void writable() {
        here();
        writable.add(true);
    }

    @Override
    public void leaving() {
        here();
        leaving.complete(null);
    }

    @Override
    public void closed(IOException cause) {
        here();
        closed.complete(cause == null ? "" : cause.getMessage());
    }
}
