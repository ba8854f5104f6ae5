package org.myclerk.runtime.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.op.serial.PortData;
import org.myclerk.op.serial.PortRead;
import org.myclerk.op.serial.PortRef;
import org.myclerk.op.serial.PortSettings;
import org.myclerk.op.serial.PortSetup;
import org.myclerk.op.serial.PortWrite;
import org.myclerk.op.serial.SerialOperations;

/** A serial port of a peer, opened with the serial operations (§6.3.2). */
final class PeerSerialPort implements RemotePort {

    /** Answers the peer may be ahead. */
    private static final int CREDIT = 8;
    private static final int LARGEST = 16_384;
    private static final int SMALLEST = 64;

    /** A write waits as long as the port's other side holds it back; a session that breaks ends it sooner. */
    private static final CallOptions PATIENT = new CallOptions(null, Duration.ofHours(1));
    private static final CallOptions SHORT = new CallOptions(null, Duration.ofSeconds(2));

    private final Reach reach;
    private final String peerName;
    private final PortSetup setup;
    private final Consumer<String> say;
    private volatile PortSettings settings;

    PeerSerialPort(Reach reach, String peerName, PortSetup setup, Consumer<String> say) {
        this.reach = reach;
        this.peerName = peerName;
        this.setup = setup;
        this.say = say;
    }

    /** How it runs: {@code 115200 8N1}. */
    String settings() {
        String stop = switch (settings.stopBits()) {
            case ONE -> "1";
            case ONE_AND_A_HALF -> "1.5";
            case TWO -> "2";
        };
        return "%d %d%s%s".formatted(settings.baud(), settings.dataBits(),
                settings.parity().name().substring(0, 1).toUpperCase(Locale.ROOT), stop);
    }

    @Override
    public Opened open() throws Failure, Refused, IOException, InterruptedException {
        Peer peer = reach.peer(peerName);
        settings = peer.call(SerialOperations.SERIAL_PORT_OPEN, setup);
        Followed<PortData> reading = peer.follow(SerialOperations.SERIAL_DATA_READ,
                new PortRead(setup.port(), Optional.of(LARGEST), Optional.empty()), CREDIT, PATIENT);
        return new Open(peer, reading, Math.clamp(settings.baud() / 10, SMALLEST, LARGEST));
    }

    private final class Open implements Opened {

        private final Peer peer;
        private final Followed<PortData> reading;
        private final int largestWrite;

        Open(Peer peer, Followed<PortData> reading, int largestWrite) {
            this.peer = peer;
            this.reading = reading;
            this.largestWrite = largestWrite;
        }

        /** What the line carries in a second, so that a break leaves little unacknowledged. */
        @Override
        public int largestWrite() {
            return largestWrite;
        }

        @Override
        public Bytes read() throws Refused, IOException, InterruptedException {
            for (PortData data = reading.next(); data != null; data = reading.next()) {
                data.lost().ifPresent(lost -> say.accept("%d bytes were lost at %s, nobody read them in time"
                        .formatted(lost, setup.port())));
                if (data.reopened().orElse(false)) {
                    say.accept("%s was opened again, its driver was replaced: what came in between is missing"
                            .formatted(setup.port()));
                }
                if (!data.data().isEmpty()) {
                    return data.data();
                }
            }
            return null;
        }

        @Override
        public void write(Bytes bytes) throws Refused, IOException, InterruptedException {
            peer.call(SerialOperations.SERIAL_DATA_WRITE, new PortWrite(setup.port(), bytes), PATIENT);
        }

        @Override
        public void close() {
            reading.close();
            try {
                if (peer.connected()) {
                    peer.call(SerialOperations.SERIAL_PORT_CLOSE, new PortRef(setup.port()), SHORT);
                }
            } catch (Refused | IOException _) {
                // The lease ends by itself.
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } finally {
                reach.done(peer);
            }
        }
    }
}
