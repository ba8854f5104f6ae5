package org.myclerk.api.payload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import com.sun.management.HotSpotDiagnosticMXBean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;

/** Code made for a record does what looking at its components does, in values and in words. */
class CompiledRecordTest {

    /** Numbers with gaps. */
    public enum Level implements WireNumber {
        LOW(0), HIGH(200);

        private final int number;

        Level(int number) {
            this.number = number;
        }

        @Override
        public int number() {
            return number;
        }
    }

    /** Two that belong together. */
    public record Span(int from, int to) {

        public Span {
            if (from > to) {
                throw new IllegalArgumentException("from %d is above to %d".formatted(from, to));
            }
        }
    }

    /** Every kind of component, plain and optional. */
    public record Every(boolean flag, int number, @Range(min = -5, max = 1L << 40) long large, double ratio,
            @Range(max = 9) Integer boxed, Boolean maybe, @Size(min = 1, max = 12) String text,
            @Size(max = 4) Bytes data, Fields rest, Level level, Span span, List<Span> spans,
            Optional<Boolean> optionalFlag, @Range(max = 9) Optional<Integer> optionalNumber,
            Optional<Double> optionalRatio, Optional<String> aNameThatIsLongerThanOneStepAndThan31Characters,
            Optional<Every> inner) {
    }

    private static final int INPUTS = 1500;

    private static Every some(Random random, int depth) {
        int from = random.nextInt(100) - 50;
        List<Span> spans = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            spans.add(new Span(i, i + random.nextInt(70_000)));
        }
        return new Every(random.nextBoolean(), random.nextInt(), random.nextInt(1000) - 5,
                random.nextGaussian(),
                random.nextInt(10), random.nextBoolean(), random.nextBoolean() ? "gpiochip0" : "größer",
                Bytes.wrap(new byte[random.nextInt(5)]), Fields.NONE,
                random.nextBoolean() ? Level.LOW : Level.HIGH, new Span(from, from + random.nextInt(300)),
                spans, optional(random, true), optional(random, 3),
                optional(random, .5), optional(random, "x".repeat(random.nextInt(40))),
                depth > 0 ? optional(random, some(random, depth - 1)) : Optional.empty());
    }

    private static <T> Optional<T> optional(Random random, T value) {
        return random.nextBoolean() ? Optional.of(value) : Optional.empty();
    }

    private static Object outcome(PayloadCodec<Every> codec, byte[] bytes) {
        try {
            return codec.read(Payload.decode(bytes, 0, bytes.length));
        } catch (Malformed | Refused wrong) {
            return wrong.getClass().getSimpleName() + wrong.getMessage();
        }
    }

    private static byte[] written(PayloadCodec<Every> codec, Every value) {
        MessagePackWriter out = new MessagePackWriter();
        codec.write(out, Envelope.request(7), value);
        return out.toBytes().toArray();
    }

    @Test
    void readsAndWritesAsLookingDoes() {
        Random random = new Random(1);
        int taken = 0;
        PayloadCodec<Every> compiled = PayloadCodec.of(Every.class).compiled();
        for (int round = 0; round < 20; round++) {
            PayloadCodec<Every> looking = PayloadCodec.of(Every.class);
            for (int i = 0; i < INPUTS / 3; i++) {
                Every value = some(random, 2);
                byte[] bytes = written(looking, value);
                assertEquals(Bytes.wrap(bytes), Bytes.wrap(written(compiled, value)));
                assertEquals(value, outcome(compiled, bytes));
                for (int changes = random.nextInt(3); changes >= 0; changes--) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
                Object expected = outcome(looking, bytes);
                assertEquals(expected, outcome(compiled, bytes));
                taken += expected instanceof Every ? 1 : 0;
            }
        }
        assertTrue(taken > 50, "only %d changed inputs were still read".formatted(taken));
    }

    @Test
    void refusesInTheSameWords() {
        Every good = some(new Random(2), 1);
        for (Every bad : List.of(
                with(good, null, good.level(), good.boxed()), with(good, "", good.level(), good.boxed()),
                with(good, "x".repeat(13), good.level(), good.boxed()), with(good, "x", null, 1),
                with(good, "x", Level.LOW, 10))) {
            String looking = refusal(PayloadCodec.of(Every.class), bad);
            assertEquals(looking, refusal(PayloadCodec.of(Every.class).compiled(), bad));
            assertTrue(looking.matches(".*(text|level|boxed).*"), looking);
        }
        Fields missing = Fields.of(java.util.Map.of("flag", true));
        assertEquals("Refusednumber is missing", outcome(PayloadCodec.of(Every.class).compiled(),
                missing.encoded().toArray()));
    }

    private static Every with(Every value, String text, Level level, Integer boxed) {
        return new Every(value.flag(), value.number(), value.large(), value.ratio(), boxed, value.maybe(),
                text, value.data(), value.rest(), level, value.span(), value.spans(), value.optionalFlag(),
                value.optionalNumber(), value.optionalRatio(),
                value.aNameThatIsLongerThanOneStepAndThan31Characters(), value.inner());
    }

    private static String refusal(PayloadCodec<Every> codec, Every bad) {
        try {
            written(codec, bad);
            return "nothing was refused";
        } catch (IllegalArgumentException refused) {
            return refused.getMessage();
        }
    }

    @Test
    @Timeout(20)
    void isMadeWhenARecordIsUsedOften() throws Exception {
        PayloadCodec<Span> codec = PayloadCodec.of(Span.class);
        Class<?> first = codec.accessType();
        while (codec.accessType() == first) {
            codec.encode(new Span(1, 2));
            Thread.onSpinWait();
        }
        assertTrue(codec.accessType().isHidden());
        assertEquals(new Span(1, 2), codec.read(Payload.decode(codec.encode(new Span(1, 2)).encoded())));
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void knowsRecordsWithoutComponents() throws Exception {
        PayloadCodec<None> codec = PayloadCodec.of(None.class).compiled();
        assertEquals(None.NONE, codec.read(Payload.decode(codec.encode(None.NONE).encoded())));
    }

    /** Loads a record anew, as another version of its bundle would. */
    private static final class Another extends ClassLoader {

        Another() {
            super(CompiledRecordTest.class.getClassLoader());
        }

        Class<?> load(String name) throws IOException {
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            }
        }
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void pinsNoBundle() throws Exception {
        assumeTrue(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("SoftRefLRUPolicyMSPerMB").getValue().equals("0"),
                "the JDK keeps method handles softly; run with -XX:SoftRefLRUPolicyMSPerMB=0");
        WeakReference<ClassLoader> gone = use();
        while (gone.get() != null) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertNull(gone.get());
    }

    private static WeakReference<ClassLoader> use() throws Exception {
        Class<?> version = new Another().load(Span.class.getName());
        assertNotSame(Span.class, version);
        roundTrip(version);
        return new WeakReference<>(version.getClassLoader());
    }

    private static <T> void roundTrip(Class<T> version) throws Exception {
        PayloadCodec<T> codec = PayloadCodec.of(version).compiled();
        T value = version.cast(version.getConstructors()[0].newInstance(3, 4));
        T read = codec.read(Payload.decode(codec.encode(value).encoded()));
        assertEquals(value, read);
        assertSame(version, read.getClass());
    }
}
