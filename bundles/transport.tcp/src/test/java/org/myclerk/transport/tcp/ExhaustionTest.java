package org.myclerk.transport.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.api.transport.Link;
import org.myclerk.api.transport.LinkHandler;

/** A process that has run out of file descriptors, which takes a process of its own. */
@Timeout(60)
class ExhaustionTest {

    private static final int DESCRIPTORS = 100;
    private static final int PEERS = 150;

    /** The process: answers every frame half a second later with the CPU time its loops took meanwhile. */
    static final class Answering {

        public static void main(String[] arguments) throws Exception {
            TcpTransport transport = new TcpTransport(1);
            var listener = transport.listen(new Endpoint("tcp", "127.0.0.1", 0), Answering::handler);
            System.out.println(listener.endpoint().port());
            System.in.read();
            transport.close();
        }

        private static LinkHandler handler(Link link) {
            long loop = Thread.currentThread().threadId();
            return new LinkHandler() {
                @Override
                public void received(byte[] buffer, int offset, int length) {
                    long before = cpu();
                    link.schedule(Duration.ofMillis(500), () -> {
                        byte[] answer = ByteBuffer.allocate(8).putLong(cpu() - before).array();
                        link.send(answer, 0, answer.length);
                        link.flush();
                    });
                }

                private long cpu() {
                    return ManagementFactory.getThreadMXBean().getThreadCpuTime(loop);
                }

                @Override
                public void drained() {
                    // answers later
                }

                @Override
                public void writable() {
                    // never waits
                }

                @Override
                public void closed(IOException cause) {
                    // nothing to let go
                }
            };
        }
    }

    @Test
    void neitherSpinsNorDiesWithoutDescriptors() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String limited = "ulimit -n %d; exec \"$@\"".formatted(DESCRIPTORS);
        Process process = new ProcessBuilder("sh", "-c", limited, "sh", java, "-cp",
                System.getProperty("java.class.path"), Answering.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        List<Socket> peers = new ArrayList<>();
        try (Scanner output = new Scanner(process.getInputStream())) {
            int port = output.nextInt();
            for (int i = 0; i < PEERS; i++) {
                Socket peer = new Socket("127.0.0.1", port);
                peer.setSoTimeout(20_000);
                peers.add(peer);
                if (i == 0) {
                    ask(peer); // loads every class while it still can
                }
            }
            long used = ask(peers.getFirst());
            assertTrue(used < 200_000_000, "the loop used %d ns in half a second".formatted(used));
            Socket last = peers.removeLast();
            for (Socket peer : peers) {
                peer.close();
            }
            assertTrue(ask(last) < 400_000_000);
            last.close();
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            assertEquals(0, process.waitFor());
        } finally {
            process.destroyForcibly();
            for (Socket peer : peers) {
                peer.close();
            }
        }
    }

    private static long ask(Socket peer) throws IOException {
        DataOutputStream out = new DataOutputStream(peer.getOutputStream());
        out.write(new byte[] {0, 0, 0, 1, 0});
        DataInputStream in = new DataInputStream(peer.getInputStream());
        assertEquals(8, in.readInt());
        return in.readLong();
    }
}
