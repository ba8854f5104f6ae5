package org.myclerk.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.myclerk.api.payload.Bytes;

@Timeout(60)
class SerialBridgeTest {

    /** A port whose far end is wired back to itself; an empty write breaks its session. */
    private static final class Loopback implements RemotePort.Opened {

        private final BlockingQueue<Bytes> wire = new LinkedBlockingQueue<>();
        private final boolean failing;
        private boolean closed;

        Loopback(boolean failing) {
            this.failing = failing;
        }

        @Override
        public int largestWrite() {
            return 1000;
        }

        @Override
        public Bytes read() throws IOException, InterruptedException {
            Bytes bytes = wire.take();
            if (bytes.isEmpty()) {
                throw new IOException("the session broke");
            }
            return bytes;
        }

        @Override
        public void write(Bytes bytes) throws IOException {
            if (failing) {
                throw new IOException("the session broke");
            }
            wire.add(bytes);
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private final List<String> said = new CopyOnWriteArrayList<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private PipeEnd end(InputStream in) {
        return new PipeEnd(in, new PrintStream(out, true));
    }

    @Test
    void carriesEverythingAndEndsWithTheLocalEnd() throws Exception {
        byte[] bytes = new byte[500_000];
        new Random(3).nextBytes(bytes);
        Loopback port = new Loopback(false);
        new SerialBridge(() -> port, end(new ByteArrayInputStream(bytes)), said::add).run(port);
        assertArrayEquals(bytes, out.toByteArray());
        assertTrue(port.closed);
        assertEquals(List.of(), said);
    }

    /** Types a word once the port is open again, then ends. */
    private void typeLater(PipedOutputStream typing, String word, String line) {
        said.add(line);
        if (line.equals("the port is open again")) {
            Thread.ofVirtual().start(() -> {
                try (typing) {
                    typing.write(word.getBytes(StandardCharsets.UTF_8));
                } catch (IOException failed) {
                    said.add(failed.getMessage());
                }
            });
        }
    }

    @Test
    void opensThePortAgainWhenTheSessionBreaks() throws Exception {
        PipedOutputStream typing = new PipedOutputStream();
        Loopback first = new Loopback(false);
        Loopback second = new Loopback(false);
        first.wire.add(Bytes.wrap("before ".getBytes(StandardCharsets.UTF_8)));
        first.wire.add(Bytes.EMPTY);
        new SerialBridge(() -> second, end(new PipedInputStream(typing)),
                line -> typeLater(typing, "after", line))
                .run(first);
        assertEquals(List.of("the session broke; trying again in 1 s", "the port is open again"), said);
        assertEquals("before after", out.toString(StandardCharsets.UTF_8));
        assertTrue(first.closed && second.closed);
    }

    @Test
    void tellsWhatWasNotAcknowledgedAndDoesNotSendItAgain() throws Exception {
        PipedOutputStream typing = new PipedOutputStream();
        PipedInputStream typed = new PipedInputStream(typing);
        typing.write("lost".getBytes(StandardCharsets.UTF_8));
        new SerialBridge(() -> new Loopback(false), end(typed), line -> typeLater(typing, "kept", line))
                .run(new Loopback(true));
        assertEquals(List.of("4 bytes were sent and not acknowledged, they may have been written or not",
                "the session broke; trying again in 1 s", "the port is open again"), said);
        assertEquals("kept", out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void stopsWhenItIsAsked() throws Exception {
        PipedOutputStream typing = new PipedOutputStream();
        Loopback port = new Loopback(false);
        SerialBridge bridge = new SerialBridge(() -> port, end(new PipedInputStream(typing)), said::add);
        bridge.stop();
        bridge.run(port);
        assertTrue(port.closed);
    }

    @Test
    void neverHoldsMoreThanItsBound() throws Exception {
        ByteQueue queue = new ByteQueue(10);
        FutureTask<Void> putting = new FutureTask<>(() -> {
            queue.put(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
                    21, 22}, 23);
            queue.end();
            return null;
        });
        Thread.ofVirtual().start(putting);
        byte expected = 0;
        for (Bytes bytes = queue.take(4); bytes != null; bytes = queue.take(4)) {
            assertTrue(queue.size() <= 10);
            for (int i = 0; i < bytes.length(); i++) {
                assertEquals(expected++, bytes.at(i));
            }
        }
        putting.get();
        assertEquals(23, expected);
    }
}
