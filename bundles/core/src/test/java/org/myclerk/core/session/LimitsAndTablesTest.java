package org.myclerk.core.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Envelope;
import org.myclerk.api.payload.MessagePackWriter;
import org.myclerk.core.Vectors;
import org.myclerk.core.crypto.Secret;

/** What a node takes on (profile §18), its ticket keys (§12), and the table of its own operations. */
class LimitsAndTablesTest {

    private static final Bytes NODE = Bytes.wrap(TestNode.filled(16, 1));
    private static final Bytes UID = Bytes.wrap(TestNode.filled(16, 8));
    private static final Secret SECRET = Secret.wrap(TestNode.filled(32, 2));

    private static InetAddress ipv6(int network, int host) throws IOException {
        byte[] bytes = new byte[16];
        bytes[0] = 0x20;
        bytes[7] = (byte) network;
        bytes[15] = (byte) host;
        return InetAddress.getByAddress(bytes);
    }

    @Test
    void refillsItsBuckets() throws Exception {
        Admission admission = new Admission(Limits.DEFAULT);
        InetAddress one = End.address(1);
        for (int n = 0; n < 20; n++) {
            assertTrue(admission.handshake(one, -5));
        }
        assertFalse(admission.handshake(one, -5));
        assertFalse(admission.handshake(one, 44));
        assertTrue(admission.handshake(one, 45));
        assertFalse(admission.handshake(one, 45));
        assertTrue(admission.handshake(End.address(2), 45));
        for (int n = 0; n < 20; n++) {
            assertTrue(admission.handshake(one, 100_000));
        }
        assertFalse(admission.handshake(one, 100_000));
    }

    @Test
    void countsIpv6PerNetwork() throws Exception {
        Admission admission = new Admission(Limits.DEFAULT.withHandshakes(200, 2));
        assertTrue(admission.handshake(ipv6(1, 1), 0));
        assertTrue(admission.handshake(ipv6(1, 2), 0));
        assertFalse(admission.handshake(ipv6(1, 3), 0));
        assertTrue(admission.handshake(ipv6(2, 1), 0));
    }

    @Test
    void limitsAllAddressesTogetherAndForgetsThem() {
        Admission admission = new Admission(Limits.DEFAULT);
        int taken = 0;
        for (int n = 0; n < 250; n++) {
            taken += admission.handshake(End.address(n), 0) ? 1 : 0;
        }
        assertEquals(200, taken);
        for (int second = 1; second < 20; second++) {
            for (int n = 0; n < 200; n++) {
                byte[] bytes = {(byte) second, 1, 1, (byte) n};
                try {
                    assertTrue(admission.handshake(InetAddress.getByAddress(bytes), second * 1000L));
                } catch (IOException impossible) {
                    throw new AssertionError(impossible);
                }
            }
        }
    }

    @Test
    void dropsTheOldestOfAllHalfOpenOnes() {
        Admission admission = new Admission(Limits.DEFAULT.withHalfOpen(3, 2));
        List<Integer> dropped = new ArrayList<>();
        Admission.HalfOpen first = admission.begin(End.address(1), () -> dropped.add(1));
        admission.begin(End.address(2), () -> dropped.add(2));
        admission.begin(End.address(3), () -> dropped.add(3));
        admission.begin(End.address(4), () -> dropped.add(4));
        assertEquals(List.of(1), dropped);
        first.done();
        assertEquals(3, admission.halfOpenCount());
        admission.begin(End.address(4), () -> dropped.add(5));
        assertEquals(List.of(1, 2), dropped);
        admission.begin(End.address(4), () -> dropped.add(6));
        assertEquals(List.of(1, 2, 4), dropped);
        assertEquals(3, admission.halfOpenCount());
    }

    @Test
    void countsSessions() {
        Admission admission = new Admission(Limits.DEFAULT.withSessions(4, 2));
        Bytes other = Bytes.wrap(TestNode.filled(16, 2));
        assertTrue(admission.open(NODE));
        assertTrue(admission.open(NODE));
        assertFalse(admission.open(NODE));
        assertTrue(admission.open(other));
        assertTrue(admission.open(Bytes.EMPTY));
        assertFalse(admission.hasRoom());
        assertFalse(admission.open(Bytes.EMPTY));
        admission.close(NODE);
        assertTrue(admission.open(NODE));
        admission.close(Bytes.EMPTY);
        admission.close(NODE);
        admission.close(NODE);
        assertEquals(1, admission.sessionCount());
    }

    @Test
    void keepsThePreviousTicketKeyUntilItsTicketsHaveExpired() throws Exception {
        TicketKeys keys = new TicketKeys(new SecureRandom());
        long now = End.TIME;
        TicketKeys.Issued early = issue(keys, now);
        TicketKeys.Issued late = issue(keys, now + 86_399);
        assertEquals(NODE, open(keys, early, now + 86_399).node());
        issue(keys, now + 86_400);
        assertEquals(NODE, open(keys, late, now + 86_400 + 1000).node());
        assertThrows(Malformed.class, () -> open(keys, early, now + 86_400));
        assertThrows(Malformed.class, () -> open(keys, late, now + 2 * 86_400));
        assertEquals(Set.of("current", "current-since", "previous", "previous-until", "sessions"),
                keys.handOver().keySet());
    }

    private static TicketKeys.Issued issue(TicketKeys keys, long now) {
        return keys.issue(new SecureRandom(), SECRET, NODE, 7, UID, Duration.ofHours(24), now);
    }

    private static TicketKeys.Opened open(TicketKeys keys, TicketKeys.Issued issued,
            long now) throws Malformed {
        return keys.open(7, issued.ticket(), issued.iv(), issued.tag(), now);
    }

    @Test
    void handsBothKeysOver() throws Exception {
        TicketKeys keys = new TicketKeys(new SecureRandom());
        TicketKeys.Issued old = issue(keys, End.TIME + 86_000);
        assertEquals(3, keys.handOver().size());
        issue(keys, End.TIME + 86_000 + 86_400);
        TicketKeys again = new TicketKeys(new SecureRandom());
        again.takeOver(keys.handOver());
        TicketKeys.Issued fresh = issue(keys, End.TIME + 86_000 + 86_400);
        assertArrayEquals(SECRET.bytes(), open(again, fresh, End.TIME + 86_000
                + 86_400).resumptionSecret().bytes());
        assertThrows(Malformed.class, () -> open(again, old, End.TIME + 86_000 + 86_400));
        again.takeOver(Map.of("current", "nonsense", "previous", new byte[5]));
        assertEquals(5, again.handOver().size());
        again.erase();
        assertEquals(Map.of(), again.handOver());
        again.erase();
        assertThrows(Malformed.class, () -> open(again, fresh, End.TIME + 86_000 + 86_400));
        issue(keys, End.TIME + 5 * 86_400);
    }

    @Test
    void givesTicketsOfTheLifetimeThatIsSet() throws Exception {
        TicketKeys keys = new TicketKeys(new SecureRandom());
        TicketKeys.Issued issued = keys.issue(new SecureRandom(), SECRET, NODE, 7, UID, Duration.ofMinutes(1),
                End.TIME);
        assertEquals(60, issued.lifetimeSeconds());
        open(keys, issued, End.TIME + 59);
        assertThrows(Malformed.class, () -> open(keys, issued, End.TIME + 60));
    }

    @Test
    void remembersUsedTicketsUntilTheyExpire() {
        TicketKeys book = new TicketKeys(new SecureRandom());
        Bytes nonce = Bytes.wrap(TestNode.filled(8, 1));
        assertTrue(book.use(nonce, 100, 0));
        assertFalse(book.use(nonce, 100, 50));
        Set<Bytes> all = new HashSet<>();
        for (int n = 0; n < 10_000; n++) {
            Bytes one = Bytes.wrap((byte) (n >> 8), (byte) n);
            assertTrue(all.add(one) && book.use(one, n, n));
        }
        assertTrue(book.use(nonce, 20_000, 10_000));
        TicketKeys next = new TicketKeys(new SecureRandom());
        next.takeOver(book.handOver());
        assertFalse(next.use(nonce, 20_000, 10_000));
        book.erase();
        assertEquals(Map.of(), book.handOver());
    }

    @Test
    void refusesLimitsThatAreNone() {
        assertThrows(IllegalArgumentException.class, () -> Limits.DEFAULT.withHandshakes(0, 1));
        assertThrows(IllegalArgumentException.class, () -> Limits.DEFAULT.withHalfOpen(1, 0));
        assertThrows(IllegalArgumentException.class, () -> Limits.DEFAULT.withSessions(0, 1));
        assertThrows(IllegalArgumentException.class, () -> Limits.DEFAULT.withAeadFailures(0));
        assertThrows(IllegalArgumentException.class, () -> Limits.DEFAULT.withIdle(Duration.ofSeconds(-1)));
        assertThrows(IllegalArgumentException.class, () -> Limits.DEFAULT.withTicketLifetime(
                Duration.ofHours(25)));
        assertThrows(IllegalArgumentException.class, () -> Limits.DEFAULT.withRotation(Duration.ofHours(25),
                5));
        assertThrows(IllegalArgumentException.class, () -> Limits.DEFAULT.withRotation(Duration.ofHours(1),
                1L << 32));
        assertEquals(Duration.ofHours(1),
                Limits.DEFAULT.withTicketLifetime(Duration.ofHours(1)).ticketLifetime());
        assertEquals(Duration.ofHours(1), Limits.DEFAULT.withIdle(Duration.ofHours(1)).idle());
    }

    @Test
    void declaresTheOperationsOfTheDraft() throws IOException {
        List<String> expected = new ArrayList<>();
        for (String line : Files.readAllLines(Vectors.root().resolve("docs/spec/operations.csv"))) {
            if (line.startsWith("0x000") || line.startsWith("0x001")) {
                expected.add(line);
            }
        }
        List<String> actual = new ArrayList<>();
        for (Operation<?, ?> row : CoreOperations.TABLE.rows()) {
            String pair = switch (row.kind()) {
                case CALL -> row.answerCode().equals(row.code()) ? "" : name(row.answerCode());
                case ANSWER -> CoreOperations.TABLE.rows().stream()
                        .filter(one -> one.answerCode().equals(row.code())
                        && one != row).findFirst().orElseThrow()
                        .name();
                case EVENT, ONE_WAY -> "";
            };
            actual.add("%s,%s,%s,%d,%s,%s".formatted(row.code(), row.name(), row.summary(),
                    row.floor().number(),
                    row.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'), pair));
        }
        assertEquals(String.join("\n", expected), String.join("\n", actual));
        assertEquals(14, actual.size());
        assertTrue(CoreOperations.serves(0x001F));
        assertFalse(CoreOperations.serves(0x0020));
    }

    private static String name(OpCode code) {
        return CoreOperations.TABLE.row(code).name();
    }

    @Test
    void writesTheLastFrameOfAPairingAsTheVectorsDo() {
        KeyExchangeComplete last = KeyExchangeComplete.withoutTicket();
        MessagePackWriter out = new MessagePackWriter();
        CoreOperations.KEY_EXCHANGE_COMPLETE.request().write(out, Envelope.response(0, ErrorCode.OK), last);
        assertFalse(last.hasTicket());
        assertEquals(Bytes.ofHex("81a673746174757300"), out.toBytes());
    }
}
