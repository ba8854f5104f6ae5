package org.myclerk.core.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.crypto.Wired;

/**
 * One address of an unordered transport, three honest initiators that may come from any of four addresses,
 * and somebody between them who does what a script says: hands frames on from an address, changes, keeps,
 * repeats and makes them, and lets time pass.
 */
class MultiplexerFuzzTest {

    private static final int ADDRESSES = 4;
    private static final int INITIATORS = 3;

    static Stream<byte[]> seeds() {
        String open = "00 00 10 00 00 00 10 00 00 00 10 00 ";
        return Stream.of(open, open + "01 01 11 01 01 01 11 01 01 01 11 01",
                "00 00 00 00 20 00 00 20 01 00 20 03",
                open + "60 00 00 01 10 01 00 01 10 01 60 00 00 02 10 02", "00 00 30 03 05 40 01 00 02 80",
                "00 00 10 00 00 00 10 00 40 00 0002 01 00 00 10 00 50 ff 50 ff 50 ff",
                open + "60 00 20 03 05 20 00 05", open + "70 00 00 00 10 00 00 00 10 00",
                "30 03 0600 18000300 0000", open + "60 00 00 03 10 03 50 0a")
                .map(hex -> HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    @MethodSource("seeds")
    @FuzzTest
    void keepsSessionsApartAndAnswersStrangersLittle(byte[] script) {
        new Play(script).run();
    }

    private static final class Play implements Multiplexer.Owner<Integer> {
        private final byte[] script;
        private int at;
        private final Random random = new Random(1);
        private final End.Clock clock = new End.Clock();
        private final Settings settings =
                new Settings(Tier.T5, Tier.T3, Settings.CAPABILITIES, Limits.DEFAULT, clock, Wired.JDK);
        private final Settings responding =
                new Settings(Tier.T5, Tier.T3, Settings.CAPABILITIES, Limits.DEFAULT, clock, Wired.OTHER);
        private final TestNode responder = TestNode.member(9);
        private final TicketKeys tickets = new TicketKeys(random);
        private final Multiplexer<Integer> multiplexer = new Multiplexer<>(responding, responder, responder,
                tickets, new Admission(Limits.DEFAULT), Line.UDP, random, this);
        private final End[] initiators = new End[INITIATORS];
        private final int[] sent = new int[INITIATORS];
        private final List<End> accepted = new ArrayList<>();
        private final List<ArrayDeque<byte[]>> answers =
                Stream.generate(ArrayDeque<byte[]>::new).limit(ADDRESSES).toList();
        private final List<byte[]> seen = new ArrayList<>();
        /** Bytes from and to each address, and whether a sealed frame of an initiator came from there. */
        private final long[] from = new long[ADDRESSES];
        private final long[] to = new long[ADDRESSES];
        private final boolean[] known = new boolean[ADDRESSES];
        private long now = Pair.NOW;

        Play(byte[] script) {
            this.script = script;
        }

        void run() {
            for (int i = 0; i < INITIATORS; i++) {
                begin(i, Wish.any(settings));
            }
            while (at < script.length) {
                step();
                check();
            }
            for (int hour = 0; hour < 3; hour++) {
                now += 3_600_000;
                multiplexer.tick(now);
                check();
            }
            assertEquals(0, multiplexer.sessionCount(), "a session outlives its silence");
            assertEquals(Long.MAX_VALUE, multiplexer.nextTick());
        }

        private void begin(int number, Wish wish) {
            TestNode node = TestNode.member(1 + number);
            initiators[number] = End.initiator(settings, node, wish, Line.UDP, random);
            initiators[number].session.start(now);
        }

        private int next() {
            return at < script.length ? script[at++] & 0xFF : 0;
        }

        private void step() {
            int what = next();
            int number = (what & 0x0F) % INITIATORS;
            End initiator = initiators[number];
            int address = what < 0x50 ? next() % ADDRESSES : 0;
            switch (what >> 4 & 7) {
                case 0 -> hand(initiator, address, 0, 0);
                case 1 -> {
                    byte[] answer = answers.get(address).poll();
                    if (answer != null) {
                        seen.add(answer);
                        initiator.receive(answer.clone(), now);
                    }
                }
                case 2 -> {
                    if (!seen.isEmpty()) {
                        deliver(address, seen.get(next() % seen.size()), true);
                    }
                }
                case 3 -> {
                    int length = Math.min(next(), script.length - at);
                    deliver(address, Arrays.copyOfRange(script, at, at + length), false);
                    at += length;
                }
                case 4 -> hand(initiator, address, next() << 8 | next(), next());
                case 5 -> {
                    now += next() * 100L;
                    multiplexer.tick(now);
                    Stream.of(initiators).forEach(end -> end.session.tick(now));
                }
                case 6 -> {
                    if (initiator.session.isOpen()) {
                        Outgoing event = End.event(initiator.established.tier(), 0x0600, "data",
                                Bytes.wrap(new byte[next()]));
                        initiator.session.seal(new ArrayDeque<>(List.of(event)), now);
                        sent[number]++;
                    }
                }
                default -> {
                    if (initiator.ticket != null) {
                        initiator.session.linkEnded();
                        begin(number, Wish.any(settings).resuming(initiator.ticket));
                    }
                }
            }
        }

        private void hand(End initiator, int address, int position, int change) {
            byte[] frame = initiator.frames.poll();
            if (frame != null) {
                seen.add(frame.clone());
                frame[position % frame.length] ^= (byte) change;
                deliver(address, frame, true);
            }
        }

        private void deliver(int address, byte[] frame, boolean honest) {
            from[address] += frame.length;
            known[address] |= honest && frame.length > 0 && (frame[0] & 1) != 0;
            multiplexer.receive(address, frame.clone(), 0, frame.length, now);
        }

        @Override
        public void send(Integer address, byte[] buffer, int offset, int length) {
            to[address] += length;
            answers.get(address).add(Arrays.copyOfRange(buffer, offset, offset + length));
        }

        @Override
        public InetAddress network(Integer address) {
            return End.address(address);
        }

        @Override
        public Output accept(Session session, Integer address) {
            End end = new End();
            end.session = session;
            accepted.add(end);
            return end;
        }

        private void check() {
            for (int address = 0; address < ADDRESSES; address++) {
                assertTrue(known[address] || to[address] <= 3 * from[address],
                        "a stranger gets more than three times what he sent");
            }
            int messages = accepted.stream().mapToInt(end -> end.messages.size()).sum();
            assertTrue(messages <= Arrays.stream(sent).sum(), "a message came that nobody sent");
            assertTrue(multiplexer.sessionCount() <= seen.size() + script.length);
            for (End end : accepted) {
                assertEquals(end.session.isClosed(), end.ended != null, "closed without a word");
                assertTrue(end.established == null || end.established.peer().node().length() == 16);
                for (End initiator : initiators) {
                    assertTrue(initiator.established == null || end.established == null
                            || !initiator.established.uid().equals(end.established.uid())
                            || initiator.established.tier() == end.established.tier(),
                            "one session has two tiers");
                }
            }
        }
    }
}
