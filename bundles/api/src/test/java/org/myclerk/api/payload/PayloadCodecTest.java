package org.myclerk.api.payload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.Value;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;

/** Records as MessagePack maps and back, with msgpack-core as the judge (profile §6). */
class PayloadCodecTest {

    /** Numbers that have nothing to do with the order. */
    public enum Colour implements WireNumber {
        RED(7), DARK_GREEN(1), BLUE(300);

        private final int number;

        Colour(int number) {
            this.number = number;
        }

        @Override
        public int number() {
            return number;
        }
    }

    /** A nested record. */
    public record Inner(int number, Optional<String> innerName) {
    }

    /** Every type a component can have. */
    public record All(boolean flag, int number, long bigNumber, double ratio, String text, Bytes data,
            Fields free,
            Colour colour, Inner inner, List<Integer> numbers, List<Inner> inners, List<List<String>> table,
            List<Colour> colours, List<Boolean> flags, List<Double> ratios, List<Bytes> chunks,
            List<Fields> maps,
            Optional<Boolean> maybeFlag, Optional<Integer> maybeNumber, Optional<Long> maybeBig,
            Optional<Double> maybeRatio, Optional<String> maybeText, Optional<Bytes> maybeData,
            Optional<Fields> maybeFree, Optional<Colour> maybeColour, Optional<Inner> maybeInner,
            Optional<List<String>> maybeTexts) {
    }

    /** Every bound. */
    public record Bounded(@Range(max = 1023) int line, @Range(min = -5, max = 5) long offset,
            @Range(min = 0, max = 1) double duty, @Size(min = 1, max = 4) String name,
            @Size(min = 2, max = 2) Bytes pair, @Size(max = 2) List<String> words,
            @Range(min = 1, max = 9) List<Integer> digits,
            @Size(min = 1, max = 2) Optional<List<String>> maybeWords) {
    }

    /** One whose constructor has an opinion. */
    public record Span(int from, int to) {
        public Span {
            if (from > to) {
                throw new IllegalArgumentException("from is behind to");
            }
        }
    }

    /** One that contains itself. */
    public record Tree(String name, List<Tree> branches) {
    }

    /** A name of several words, some of a single letter. */
    public record Names(int oldSessionId, int x, int aB) {
    }

    /** Names a device. */
    public record OnDevice(@Device @Help("which lamp") String lampId, int value) {
    }

    /** May name a device. */
    public record MaybeOnDevice(@Device Optional<String> lampId) {
    }

    /** Has a reserved name. */
    public record UsesRid(int rid) {
    }

    /** Has a reserved name of two words. */
    public record UsesRequiredTier(int requiredTier) {
    }

    /** A reserved name below the top takes nothing away. */
    public record UsesRidBelow(UsesRid inner) {
    }

    /** Names two devices. */
    public record TwoDevices(@Device String a, @Device String b) {
    }

    /** Names a device by a number. */
    public record NumberedDevice(@Device int a) {
    }

    record Hidden(int a) {
    }

    /** Has a component without an encoding. */
    public record Unknown(Object thing) {
    }

    /** Has a list of anything. */
    @SuppressWarnings("rawtypes")
    public record RawList(List things) {
    }

    /** Has a float, which no type of the profile is. */
    public record HasFloat(float f) {
    }

    /** Has an Optional where none can be. */
    public record OptionalInList(List<Optional<String>> things) {
    }

    /** An enum without numbers. */
    public enum Plain { A, B }

    /** Has an enum without numbers. */
    public record HasPlain(Plain plain) {
    }

    /** Two constants with one number. */
    public enum Same implements WireNumber {
        A, B;

        @Override
        public int number() {
            return 1;
        }
    }

    /** Has an enum whose constants share a number. */
    public record HasSame(Same same) {
    }

    private static final PayloadCodec<All> ALL = PayloadCodec.of(All.class);
    private static final PayloadCodec<Bounded> BOUNDED = PayloadCodec.of(Bounded.class);

    private static String text(Random random) {
        return random.ints(random.nextInt(40), 0, 0x2FFFF).filter(c -> c < 0xD800 || c > 0xDFFF)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint,
                        StringBuilder::append).toString();
    }

    private static Bytes data(Random random) {
        byte[] bytes = new byte[random.nextInt(10) == 0 ? 70_000 : random.nextInt(300)];
        random.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    private static <T> Optional<T> maybe(Random random, T value) {
        return random.nextBoolean() ? Optional.of(value) : Optional.empty();
    }

    private static long number(Random random) {
        return random.nextLong() >> random.nextInt(64);
    }

    private static Colour colour(Random random) {
        return Colour.values()[random.nextInt(3)];
    }

    private static Inner inner(Random random) {
        return new Inner((int) number(random), maybe(random, text(random)));
    }

    private static Fields fields(Random random) {
        return Fields.of(Map.of(text(random), number(random), "rid", List.of(text(random))));
    }

    private static All random(Random random) {
        int many = random.nextInt(20);
        return new All(random.nextBoolean(), (int) number(random), number(random), random.nextGaussian(),
                text(random),
                data(random), fields(random), colour(random), inner(random),
                IntStream.range(0, many).mapToObj(_ -> (int) number(random)).toList(),
                IntStream.range(0, many).mapToObj(_ -> inner(random)).toList(),
                List.of(List.of(), List.of(text(random), text(random))), List.of(colour(random)),
                List.of(random.nextBoolean()), List.of(random.nextDouble(), Double.NaN,
                Double.NEGATIVE_INFINITY),
                List.of(data(random)), List.of(fields(random), Fields.NONE),
                maybe(random, random.nextBoolean()),
                maybe(random, (int) number(random)), maybe(random, number(random)),
                maybe(random, random.nextDouble()),
                maybe(random, text(random)), maybe(random, data(random)), maybe(random, fields(random)),
                maybe(random, colour(random)), maybe(random, inner(random)),
                maybe(random, List.of(text(random))));
    }

    /** The values as the profile's types, by hand and not by the codec. */
    private static Map<String, Object> byHand(Inner inner) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("number", (long) inner.number);
        inner.innerName.ifPresent(name -> map.put("inner-name", name));
        return map;
    }

    private static Map<String, Object> byHand(All all) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("flag", all.flag);
        map.put("number", (long) all.number);
        map.put("big-number", all.bigNumber);
        map.put("ratio", all.ratio);
        map.put("text", all.text);
        map.put("data", all.data);
        map.put("free", all.free.toMap());
        map.put("colour", (long) all.colour.number);
        map.put("inner", byHand(all.inner));
        map.put("numbers", all.numbers.stream().map(Integer::longValue).toList());
        map.put("inners", all.inners.stream().map(PayloadCodecTest::byHand).toList());
        map.put("table", all.table);
        map.put("colours", all.colours.stream().map(colour -> (long) colour.number).toList());
        map.put("flags", all.flags);
        map.put("ratios", all.ratios);
        map.put("chunks", all.chunks);
        map.put("maps", all.maps.stream().map(Fields::toMap).toList());
        all.maybeFlag.ifPresent(value -> map.put("maybe-flag", value));
        all.maybeNumber.ifPresent(value -> map.put("maybe-number", (long) value));
        all.maybeBig.ifPresent(value -> map.put("maybe-big", value));
        all.maybeRatio.ifPresent(value -> map.put("maybe-ratio", value));
        all.maybeText.ifPresent(value -> map.put("maybe-text", value));
        all.maybeData.ifPresent(value -> map.put("maybe-data", value));
        all.maybeFree.ifPresent(value -> map.put("maybe-free", value.toMap()));
        all.maybeColour.ifPresent(value -> map.put("maybe-colour", (long) value.number));
        all.maybeInner.ifPresent(value -> map.put("maybe-inner", byHand(value)));
        all.maybeTexts.ifPresent(value -> map.put("maybe-texts", value));
        return map;
    }

    /** What msgpack-core reads. */
    private static Map<String, Object> judged(Bytes encoded) throws IOException {
        try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(encoded.toArray())) {
            Object map = plain(unpacker.unpackValue());
            assertFalse(unpacker.hasNext(), "bytes after the map");
            @SuppressWarnings("unchecked")
            Map<String, Object> typed = (Map<String, Object>) map;
            return typed;
        }
    }

    private static Object plain(Value value) {
        return switch (value.getValueType()) {
            case NIL -> null;
            case BOOLEAN -> value.asBooleanValue().getBoolean();
            case INTEGER -> value.asIntegerValue().isInLongRange() ? (Object) value.asIntegerValue().toLong()
                    : value.asIntegerValue().toBigInteger();
            case FLOAT -> value.asFloatValue().toDouble();
            case STRING -> value.asStringValue().asString();
            case BINARY -> Bytes.wrap(value.asBinaryValue().asByteArray());
            case ARRAY -> value.asArrayValue().list().stream().map(PayloadCodecTest::plain).toList();
            case MAP -> {
                Map<String, Object> map = new LinkedHashMap<>();
                value.asMapValue().map().forEach((key, element) ->
                        map.put(key.asStringValue().asString(), plain(element)));
                yield map;
            }
            case EXTENSION -> throw new AssertionError("extension");
        };
    }

    private static <T> T read(PayloadCodec<T> codec, Bytes encoded) throws Malformed, Refused {
        return codec.read(Payload.decode(encoded));
    }

    private static <T> T read(PayloadCodec<T> codec, Map<String, ?> map) throws Malformed, Refused {
        return read(codec, Fields.of(map).encoded());
    }

    private static void refuses(PayloadCodec<?> codec, Map<String, ?> map, String words) {
        Refused refused = assertThrows(Refused.class, () -> read(codec, map));
        assertEquals(ErrorCode.BAD_REQUEST, refused.code());
        assertTrue(refused.getMessage().contains(words), refused.getMessage());
    }

    private static void cannotBuild(Class<?> type, String words) {
        String message = assertThrows(IllegalArgumentException.class,
                () -> PayloadCodec.of(type)).getMessage();
        assertTrue(message.contains(words), message);
    }

    @Test
    void writesWhatAnotherDecoderReads() throws IOException, Malformed, Refused {
        Random random = new Random(1);
        for (int round = 0; round < 300; round++) {
            All all = random(random);
            Bytes encoded = ALL.encode(all).encoded();
            assertEquals(byHand(all), judged(encoded));
            assertEquals(all, read(ALL, encoded));
        }
    }

    @Test
    void writesAsShortAsAnotherEncoder() throws IOException {
        Random random = new Random(2);
        for (int round = 0; round < 300; round++) {
            Bytes encoded = ALL.encode(random(random)).encoded();
            try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(encoded.toArray());
                    var packer = MessagePack.newDefaultBufferPacker()) {
                packer.packValue(unpacker.unpackValue());
                assertEquals(Bytes.wrap(packer.toByteArray()), encoded);
            }
        }
    }

    @Test
    void readsWhatAnotherEncoderWritesInAnyOrderAndForm() throws IOException, Malformed, Refused {
        Random random = new Random(3);
        for (int round = 0; round < 300; round++) {
            All all = random(random);
            Map<String, Object> map = shuffled(byHand(all), random);
            LongForms out = new LongForms(random);
            out.any(map);
            assertEquals(map, judged(out.toBytes()), "msgpack-core agrees with the test");
            assertEquals(byHand(all), byHand(read(ALL, out.toBytes())),
                    "free maps keep the form they came in");
        }
    }

    private static Map<String, Object> shuffled(Map<String, Object> map, Random random) {
        List<Map.Entry<String, Object>> entries = new ArrayList<>(map.entrySet());
        entries.add(Map.entry("unknown " + random.nextInt(),
                Arrays.asList(1L, Map.of("x", List.of()), null)));
        entries.add(Map.entry("numbe", "nearly a name"));
        Collections.shuffle(entries, random);
        Map<String, Object> shuffled = new LinkedHashMap<>();
        entries.forEach(entry -> shuffled.put(entry.getKey(), entry.getValue()));
        return shuffled;
    }

    private static Map<String, Object> bounded() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("line", 1023);
        map.put("offset", -5);
        map.put("duty", 1);
        map.put("name", "ab");
        map.put("pair", Bytes.ofHex("0102"));
        map.put("words", List.of("much longer than two", ""));
        map.put("digits", List.of(1, 9));
        return map;
    }

    private static Map<String, Object> boundedBut(String name, Object value) {
        Map<String, Object> map = bounded();
        map.put(name, value);
        return map;
    }

    @Test
    void takesWhatIsJustWithinItsBounds() throws Malformed, Refused {
        assertEquals(new Bounded(1023, -5, 1, "ab", Bytes.ofHex("0102"), List.of("much longer than two", ""),
                List.of(1, 9), Optional.empty()), read(BOUNDED, bounded()));
        assertEquals(0, read(BOUNDED, boundedBut("line", 0)).line);
        assertEquals(5, read(BOUNDED, boundedBut("offset", 5)).offset);
        assertEquals(0.5, read(BOUNDED, boundedBut("duty", 0.5f)).duty);
        assertEquals("€a", read(BOUNDED, boundedBut("name", "€a")).name);
        assertEquals(Optional.of(List.of("longer than two")),
                read(BOUNDED, boundedBut("maybe-words", List.of("longer than two"))).maybeWords);
    }

    @Test
    void refusesWhatIsOutOfItsBounds() {
        refuses(BOUNDED, boundedBut("line", 1024), "line: 1024 is not in 0..1023");
        refuses(BOUNDED, boundedBut("line", -1), "line: -1 is not in 0..1023");
        refuses(BOUNDED, boundedBut("line", 1L << 32), "line: 4294967296 is not in 0..1023");
        refuses(BOUNDED, boundedBut("offset", -6), "offset: -6 is not in -5..5");
        refuses(BOUNDED, boundedBut("offset", BigInteger.ONE.shiftLeft(63)), "offset: integer is larger");
        refuses(BOUNDED, boundedBut("duty", 1.01), "duty: 1.01 is not in 0.0..1.0");
        refuses(BOUNDED, boundedBut("duty", Double.NaN), "duty: NaN is not in");
        refuses(BOUNDED, boundedBut("name", ""), "name: has 0 bytes, allowed are 1..4");
        refuses(BOUNDED, boundedBut("name", "€€"), "name: has 6 bytes, allowed are 1..4");
        refuses(BOUNDED, boundedBut("pair", Bytes.ofHex("01")), "pair: has 1 bytes, allowed are 2..2");
        refuses(BOUNDED, boundedBut("pair", Bytes.ofHex("010203")), "pair: has 3 bytes");
        refuses(BOUNDED, boundedBut("words", List.of("a", "b", "c")),
                "words: has 3 elements, allowed are 0..2");
        refuses(BOUNDED, boundedBut("digits", List.of(1, 10)), "digits: 10 is not in 1..9");
        refuses(BOUNDED, boundedBut("maybe-words", List.of()),
                "maybe-words: has 0 elements, allowed are 1..2");
    }

    @Test
    void refusesToWriteWhatThePeerWouldRefuse() {
        List<Bounded> bad = List.of(
                new Bounded(1024, 0, 0, "a", Bytes.ofHex("0102"), List.of(), List.of(), Optional.empty()),
                new Bounded(0, 6, 0, "a", Bytes.ofHex("0102"), List.of(), List.of(), Optional.empty()),
                new Bounded(0, 0, 2, "a", Bytes.ofHex("0102"), List.of(), List.of(), Optional.empty()),
                new Bounded(0, 0, 0, "€€", Bytes.ofHex("0102"), List.of(), List.of(), Optional.empty()),
                new Bounded(0, 0, 0, "a", Bytes.EMPTY, List.of(), List.of(), Optional.empty()),
                new Bounded(0, 0, 0, "a", Bytes.ofHex("0102"), List.of("", "", ""), List.of(),
                Optional.empty()),
                new Bounded(0, 0, 0, "a", Bytes.ofHex("0102"), List.of(), List.of(0), Optional.empty()),
                new Bounded(0, 0, 0, "a", Bytes.ofHex("0102"), List.of(), List.of(), Optional.of(List.of())));
        List<String> names = List.of("line", "offset", "duty", "name", "pair", "words", "digits",
                "maybe-words");
        for (int i = 0; i < bad.size(); i++) {
            Bounded value = bad.get(i);
            String message = assertThrows(IllegalArgumentException.class,
                    () -> BOUNDED.encode(value)).getMessage();
            assertTrue(message.startsWith(names.get(i) + ": "), message);
        }
    }

    @Test
    void refusesAMissingFieldWithItsName() {
        for (String name : bounded().keySet()) {
            Map<String, Object> map = bounded();
            map.remove(name);
            refuses(BOUNDED, map, name + " is missing");
        }
    }

    @Test
    void refusesEveryWrongTypeWithTheFieldsName() throws Malformed, Refused {
        All all = random(new Random(4));
        Map<String, Object> good = byHand(all);
        assertEquals(all, read(ALL, good));
        for (String name : List.of("flag", "number", "big-number", "ratio", "text", "data", "free", "colour",
                "inner",
                "numbers", "table", "maybe-number", "maybe-text", "maybe-free", "maybe-texts")) {
            int taken = 0;
            for (Object other : List.of(true, 1L, 1.5, "x", Bytes.EMPTY, List.of(), Map.of("number", 1L))) {
                Map<String, Object> map = new LinkedHashMap<>(good);
                map.put(name, other);
                try {
                    read(ALL, map);
                    taken++;
                } catch (Refused refused) {
                    assertEquals(ErrorCode.BAD_REQUEST, refused.code());
                    assertTrue(refused.getMessage().startsWith(name + ": "), refused.getMessage());
                }
            }
            assertEquals(name.equals("ratio") ? 2 : 1, taken, "types taken as " + name);
            if (!name.startsWith("maybe")) {
                Map<String, Object> map = new LinkedHashMap<>(good);
                map.put(name, null);
                refuses(ALL, map, name + ": expected ");
            }
        }
    }

    @Test
    void namesTheWayToANestedField() {
        Map<String, Object> map = new LinkedHashMap<>(byHand(random(new Random(5))));
        map.put("inner", Map.of("number", "one"));
        refuses(ALL, map, "inner: number: expected an integer");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 2, -1, 299, 301, 0x1_0000_0001L, -0xFFFF_FFFFL, Long.MIN_VALUE, Long.MAX_VALUE})
    void refusesNumbersThatNoConstantHas(long number) {
        Map<String, Object> map = new LinkedHashMap<>(byHand(random(new Random(6))));
        map.put("colour", number);
        refuses(ALL, map, "colour: " + number + " is not one of [1, 7, 300]");
    }

    @Test
    void readsNilAndNothingAsEmpty() throws Malformed, Refused {
        PayloadCodec<Inner> codec = PayloadCodec.of(Inner.class);
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("number", 1L);
        assertEquals(new Inner(1, Optional.empty()), read(codec, map));
        map.put("inner-name", null);
        assertEquals(new Inner(1, Optional.empty()), read(codec, map));
        assertEquals(Map.of("number", 1L), codec.encode(new Inner(1, Optional.empty())).toMap());
    }

    @Test
    void hearsTheRecordsConstructor() throws Malformed, Refused {
        PayloadCodec<Span> codec = PayloadCodec.of(Span.class);
        assertEquals(new Span(1, 1), read(codec, Map.of("from", 1, "to", 1)));
        refuses(codec, Map.of("from", 2, "to", 1), "from is behind to");
    }

    @Test
    void refusesToWriteNull() {
        String message = assertThrows(IllegalArgumentException.class,
                () -> PayloadCodec.of(Inner.class).encode(new Inner(1, null))).getMessage();
        assertEquals("Inner.inner-name is null", message);
    }

    @Test
    void refusesDeclarationsItCannotEncode() {
        cannotBuild(UsesRid.class, "uses the reserved name \"rid\"");
        cannotBuild(UsesRequiredTier.class, "uses the reserved name \"required-tier\"");
        cannotBuild(TwoDevices.class, "names two devices");
        cannotBuild(NumberedDevice.class, "a device is named by text");
        cannotBuild(Hidden.class, "must be public");
        cannotBuild(String.class, "is not a record");
        cannotBuild(Unknown.class, "Unknown.thing: cannot encode java.lang.Object");
        cannotBuild(RawList.class, "RawList.things: cannot encode");
        cannotBuild(HasFloat.class, "HasFloat.f: cannot encode float");
        cannotBuild(OptionalInList.class, "OptionalInList.things: cannot encode");
        cannotBuild(HasPlain.class, "HasPlain.plain: cannot encode");
        cannotBuild(HasSame.class, "Same.B has no number of its own");
    }

    @Test
    void allowsReservedNamesBelowTheTop() throws Malformed, Refused {
        PayloadCodec<UsesRidBelow> codec = PayloadCodec.of(UsesRidBelow.class);
        UsesRidBelow value = new UsesRidBelow(new UsesRid(-3));
        assertEquals(value, read(codec, codec.encode(value).encoded()));
    }

    @Test
    void writesTheEnvelopeBesideTheFields() throws Malformed, Refused, IOException {
        MessagePackWriter out = new MessagePackWriter(1);
        PayloadCodec<Span> codec = PayloadCodec.of(Span.class);
        codec.write(out, Envelope.followed(5, 6), new Span(1, 2));
        assertEquals(Map.of("rid", 5L, "credit", 6L, "from", 1L, "to", 2L), judged(out.toBytes()));
        Payload payload = Payload.decode(out.toBytes());
        assertEquals(Envelope.followed(5, 6), payload.envelope());
        assertEquals(new Span(1, 2), codec.read(payload));
        assertEquals(None.NONE, PayloadCodec.of(None.class).read(payload), "unknown keys are ignored");
    }

    @Test
    void readsAnEmptyPayloadAsAnEmptyMap() throws Malformed, Refused {
        assertEquals(Done.DONE, read(PayloadCodec.of(Done.class), Bytes.EMPTY));
        assertEquals(Fields.NONE, read(PayloadCodec.of(Fields.class), Bytes.EMPTY));
        assertEquals("from is missing", assertThrows(Refused.class,
                () -> read(PayloadCodec.of(Span.class), Bytes.EMPTY)).getMessage());
    }

    @Test
    void readsBytesAsAWindowOfTheMessage() throws Malformed, Refused {
        Map<String, Object> map = boundedBut("pair", Bytes.ofHex("0102"));
        byte[] message = Fields.of(map).encoded().toArray();
        Bounded read = BOUNDED.read(Payload.decode(message, 0, message.length));
        String hex = Bytes.wrap(message).toHex();
        message[hex.indexOf("c4020102") / 2 + 2] = 9;
        assertEquals(Bytes.ofHex("0902"), read.pair);
    }

    @Test
    void readsRecordsThatContainThemselves() throws Malformed, Refused {
        PayloadCodec<Tree> codec = PayloadCodec.of(Tree.class);
        Tree tree = new Tree("root", List.of(new Tree("left", List.of()),
                new Tree("right", List.of(new Tree("leaf", List.of())))));
        assertEquals(tree, read(codec, codec.encode(tree).encoded()));
        assertEquals("{ name: tstr, branches: [* { name: tstr, branches: [* { * tstr => any }] }] }",
                codec.shape().cddl());
    }

    @ParameterizedTest
    @CsvSource({"x,x", "oldSessionId,old-session-id", "aB,a-b", "x25519Key,x25519-key", "aBC,a-b-c"})
    void hyphenatesNames(String component, String key) {
        assertEquals(key, PayloadCodec.hyphenated(component));
    }

    @Test
    void usesTheHyphenatedNamesAsKeys() {
        assertEquals(Map.of("old-session-id", 1L, "x", 2L, "a-b", 3L),
                PayloadCodec.of(Names.class).encode(new Names(1, 2, 3)).toMap());
    }

    @Test
    void tellsTheDevice() {
        PayloadCodec<OnDevice> codec = PayloadCodec.of(OnDevice.class);
        assertTrue(codec.namesDevice());
        assertEquals("desk", codec.deviceOf(new OnDevice("desk", 1)));
        PayloadCodec<MaybeOnDevice> maybe = PayloadCodec.of(MaybeOnDevice.class);
        assertTrue(maybe.namesDevice());
        assertEquals("desk", maybe.deviceOf(new MaybeOnDevice(Optional.of("desk"))));
        assertNull(maybe.deviceOf(new MaybeOnDevice(Optional.empty())));
        assertFalse(PayloadCodec.of(Span.class).namesDevice());
        assertNull(PayloadCodec.of(Span.class).deviceOf(new Span(1, 2)));
        assertFalse(PayloadCodec.of(Fields.class).namesDevice());
        assertNull(PayloadCodec.of(Fields.class).deviceOf(Fields.NONE));
    }

    @Test
    void describesItself() {
        Shape shape = PayloadCodec.of(OnDevice.class).shape();
        assertEquals(new Shape(List.of(
                new Shape.Field("lamp-id", Shape.Type.bounded(Shape.Kind.TEXT, 0, Integer.MAX_VALUE), false,
                true,
                        "which lamp"),
                new Shape.Field("value", Shape.Type.bounded(Shape.Kind.INTEGER, Integer.MIN_VALUE,
                Integer.MAX_VALUE),
                        false, false, "")), false), shape);
        assertEquals(new Shape(List.of(), true), PayloadCodec.of(Fields.class).shape());
    }

    @Test
    void writesCddl() {
        assertEquals(
                "{ line: 0..1023, offset: -5..5, duty: float, name: tstr .size (1..4), pair: bstr .size 2, "
                + "words: [*2 tstr], digits: [* 1..9], ? maybe-words: [1*2 tstr] }", BOUNDED.shape().cddl());
        assertEquals("{}", PayloadCodec.of(None.class).shape().cddl());
        assertEquals("{ * tstr => any }", PayloadCodec.of(Fields.class).shape().cddl());
        String all = ALL.shape().cddl();
        assertTrue(
                all.startsWith(
                "{ flag: bool, number: -2147483648..2147483647, big-number: int, ratio: float, "
                + "text: tstr, data: bstr, free: { * tstr => any }, "
                + "colour: &( red: 7, dark-green: 1, blue: 300 ), "
                + "inner: { number: -2147483648..2147483647, ? inner-name: tstr }, "), all);
        assertTrue(all.contains("table: [* [* tstr]], "), all);
        assertTrue(all.contains("? maybe-colour: &( red: 7, "), all);
    }

    /** A chain and a map as deep as they like. */
    public record Chain(Optional<Chain> next, Optional<Fields> free) {
    }

    private static Object nested(int levels) {
        return levels == 1 ? Map.of("data", Bytes.wrap(new byte[70_000]), "text", "ä".repeat(40), "list",
                List.of(1, 300, -70_000, 1L << 40, 0.5, true))
                : levels % 2 == 0 ? Map.of("x", nested(levels - 1))
                : List.of(nested(levels - 1), "after");
    }

    @Test
    @SuppressWarnings("unchecked")
    void writesNothingThatNoPeerReads() throws Exception {
        PayloadCodec<Fields> free = PayloadCodec.of(Fields.class);
        Fields deepest = Fields.of((Map<String, Object>) nested(14));
        assertEquals(deepest, free.read(Payload.decode(free.encode(deepest).encoded())));
        PayloadCodec<Chain> chains = PayloadCodec.of(Chain.class);
        Chain chain = new Chain(Optional.empty(), Optional.of(Fields.of(Map.of("a", 1))));
        for (int level = 2; level < 16; level++) {
            assertEquals(chain, chains.read(Payload.decode(chains.encode(chain).encoded())),
                    "level " + level);
            chain = new Chain(Optional.of(chain), Optional.empty());
        }
        Chain tooDeep = new Chain(Optional.of(chain), Optional.empty());
        assertThrows(IllegalArgumentException.class, () -> chains.encode(tooDeep));
        assertThrows(IllegalArgumentException.class, () -> chains.encode(new Chain(Optional.empty(),
                Optional.of(Fields.of((Map<String, Object>) nested(16))))));
    }
}
