package org.myclerk.api.payload;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import org.myclerk.api.operation.ProtocolException.Refused;

/**
 * Turns payload records into MessagePack maps and back, from the record's declaration alone. The names of the
 * components become the keys ({@code oldSessionId} is {@code "old-session-id"}).
 *
 * <p>A component is a boolean, int, long, double, String, {@link Bytes}, {@link Fields}, an enum that is a
 * {@link WireNumber}, another public record, a List of these, or an Optional of any of these. {@link Range},
 * {@link Size} and the record's own constructor bound it. A payload record that exists is valid.
 *
 * <p>Thread-safe. It belongs to the classes it was made for: keep it where they live.
 */
public final class PayloadCodec<T> {

    private final Class<T> type;
    private final RecordValue record;
    /**
     * Whether a value may nest deeper than a payload may; of other records the declaration says that none
     * does.
     */
    private final boolean free;

    private PayloadCodec(Class<T> type, RecordValue record) {
        this.type = type;
        this.record = record;
        this.free = record == null || record.nestsFreely();
    }

    /**
     * @throws IllegalArgumentException if the declaration cannot be encoded, with the component's name
     */
    public static <T> PayloadCodec<T> of(Class<T> type) {
        if (type == Fields.class) {
            return new PayloadCodec<>(type, null);
        }
        RecordValue record = RecordValue.of(type, new HashMap<>());
        for (Component component : record.components) {
            if (Fields.reservedNames().contains(component.name)) {
                throw new IllegalArgumentException("%s uses the reserved name \"%s\""
                        .formatted(type.getName(), component.name));
            }
        }
        return new PayloadCodec<>(type, record);
    }

    public Class<T> type() {
        return type;
    }

    /** The class that reads and writes it now. */
    Class<?> accessType() {
        return record.access.getClass();
    }

    /** Makes code of its own at once, which frequent use does otherwise. */
    PayloadCodec<T> compiled() {
        record.compile();
        return this;
    }

    /**
     * @throws Refused with BAD_REQUEST, naming the field, if the map does not fit the record
     */
    public T read(Payload payload) throws Refused {
        if (payload.fault() != null) {
            throw Refused.badRequest(payload.fault());
        }
        if (record == null) {
            return type.cast(withoutReserved(payload));
        }
        return type.cast(record.access().read(payload.reader(), payload.fields()));
    }

    /**
     * Appends the map of the envelope's keys and the record's fields.
     *
     * @throws IllegalArgumentException if the value cannot be encoded: a component is null or out of its
     *     range, or free maps in it nest deeper than 16 levels, which no peer reads (profile §6)
     */
    public void write(MessagePackWriter out, Envelope envelope, T value) {
        int begin = out.length();
        if (record == null) {
            writeFields(out, envelope, (Fields) value);
        } else {
            RecordAccess access = record.access();
            out.mapHeader(envelope.entries() + access.present(value));
            envelope.write(out);
            access.write(out, value);
        }
        if (free && MessagePackReader.nestsTooDeep(out.array(), begin, out.length())) {
            throw new IllegalArgumentException("%s nests deeper than %d levels".formatted(
                    type.getSimpleName(),
                    MessagePackCheck.DEEPEST));
        }
    }

    /** The map alone, without reserved keys. */
    public Fields encode(T value) {
        MessagePackWriter out = new MessagePackWriter();
        write(out, Envelope.NONE, value);
        return new Fields(out.toBytes());
    }

    /** The id of the device that the record names, or {@code null} if it names none. */
    public String deviceOf(T value) {
        return record == null || record.device == null ? null : record.deviceOf(value);
    }

    public boolean namesDevice() {
        return record != null && record.device != null;
    }

    public Shape shape() {
        return record == null ? new Shape(List.of(), true) : new Shape(record.fields(), false);
    }

    private static Fields withoutReserved(Payload payload) throws Refused {
        MessagePackWriter kept = new MessagePackWriter(payload.bytes().length());
        byte[] array = payload.bytes().toArray();
        MessagePackReader body = new MessagePackReader(array, 0, array.length);
        int entries = body.mapHeader();
        int count = 0;
        for (int i = 0; i < entries; i++) {
            int start = body.position();
            int keyLength = body.textHeader();
            boolean own = Payload.Reserved.of(array, body.position(), keyLength,
                    MessagePackCheck.word(array, body.position(), keyLength)) == null;
            body.position(body.position() + keyLength);
            body.skip();
            if (own) {
                kept.raw(array, start, body.position() - start);
                count++;
            }
        }
        MessagePackWriter out = new MessagePackWriter(kept.length() + 5);
        out.mapHeader(count);
        out.raw(kept.array(), 0, kept.length());
        return new Fields(out.toBytes());
    }

    private static void writeFields(MessagePackWriter out, Envelope envelope, Fields fields) {
        byte[] array = fields.encoded().toArray();
        MessagePackReader body = new MessagePackReader(array, 0, array.length);
        try {
            int entries = body.mapHeader();
            out.mapHeader(envelope.entries() + entries);
        } catch (Refused notAMap) {
            throw new IllegalArgumentException(notAMap.getMessage());
        }
        envelope.write(out);
        out.raw(array, body.position(), array.length - body.position());
    }

    /** {@code oldSessionId} to {@code old-session-id}. */
    static String hyphenated(String camelCase) {
        StringBuilder name = new StringBuilder();
        for (char c : camelCase.toCharArray()) {
            if (Character.isUpperCase(c)) {
                name.append('-').append(Character.toLowerCase(c));
            } else {
                name.append(c);
            }
        }
        return name.toString();
    }

    /** What code of the record's own threw. */
    private static RuntimeException unchecked(InvocationTargetException thrown) {
        return switch (thrown.getCause()) {
            case RuntimeException bug -> bug;
            case Error bug -> throw bug;
            case Throwable checked -> new IllegalStateException(checked);
        };
    }

    /** A value that can be read and written. */
    interface Value {

        Object read(MessagePackReader in) throws Refused;

        void write(MessagePackWriter out, Object value);

        /** Whether how deep it nests is the value's own affair. */
        default boolean nestsFreely() {
            return false;
        }

        Shape.Type type();
    }

    record Component(String name, MessagePackReader.Key key, Class<?> type, Value value, boolean optional,
            boolean device, String help, Method accessor) {

        Object of(Object instance) {
            try {
                return accessor.invoke(instance);
            } catch (IllegalAccessException hidden) {
                throw new IllegalStateException(hidden);
            } catch (InvocationTargetException thrown) {
                throw unchecked(thrown);
            }
        }

        Optional<Object> readOptional(MessagePackReader in) throws Refused {
            if (in.nextIsNil()) {
                in.skip();
                return Optional.empty();
            }
            return Optional.of(value.read(in));
        }
    }

    /** A record as a map. */
    static final class RecordValue implements Value {

        /** A record that is used this often gets code of its own. */
        private static final int OFTEN = 20_000;

        final Class<?> owner;
        Component[] components;
        Constructor<?> constructor;
        private MessagePackReader.Key[] keys;
        Component device;
        private volatile RecordAccess access = new Looking();
        private int uses;

        private RecordValue(Class<?> owner) {
            this.owner = owner;
        }

        static RecordValue of(Class<?> owner, Map<Class<?>, RecordValue> known) {
            RecordValue existing = known.get(owner);
            if (existing != null) {
                return existing;
            }
            if (!owner.isRecord()) {
                throw new IllegalArgumentException(owner.getName() + " is not a record");
            }
            RecordValue made = new RecordValue(owner);
            known.put(owner, made);
            made.build(known);
            return made;
        }

        private void build(Map<Class<?>, RecordValue> known) {
            RecordComponent[] declared = owner.getRecordComponents();
            if (declared.length > CompiledRecord.MOST_COMPONENTS) {
                throw new IllegalArgumentException("%s has %d components, allowed are %d".formatted(
                        owner.getName(),
                        declared.length, CompiledRecord.MOST_COMPONENTS));
            }
            components = new Component[declared.length];
            keys = new MessagePackReader.Key[declared.length];
            Class<?>[] types = new Class<?>[declared.length];
            if (!Modifier.isPublic(owner.getModifiers())) {
                throw new IllegalArgumentException(owner.getName() + " must be public");
            }
            for (int i = 0; i < declared.length; i++) {
                types[i] = declared[i].getType();
                components[i] = component(declared[i], known);
                keys[i] = components[i].key;
                if (components[i].device) {
                    if (device != null) {
                        throw new IllegalArgumentException(owner.getName() + " names two devices");
                    }
                    device = components[i];
                }
            }
            try {
                constructor = owner.getConstructor(types);
            } catch (NoSuchMethodException hidden) {
                throw new IllegalArgumentException(owner.getName() + " must have a public constructor",
                        hidden);
            }
        }

        private Component component(RecordComponent declared, Map<Class<?>, RecordValue> known) {
            String name = hyphenated(declared.getName());
            try {
                Type type = declared.getGenericType();
                boolean optional = declared.getType() == Optional.class;
                if (optional) {
                    type = argument(type);
                }
                Value value = value(type, declared, declared.getAnnotation(Size.class), known);
                if (declared.isAnnotationPresent(Device.class)) {
                    if (!(value instanceof TextValue text)) {
                        throw new IllegalArgumentException("a device is named by text");
                    }
                    value = new TextValue(text.least, text.most, new Texts());
                }
                Help help = declared.getAnnotation(Help.class);
                return new Component(name, new MessagePackReader.Key(name), declared.getType(), value,
                        optional, declared.isAnnotationPresent(Device.class),
                        help == null ? "" : help.value(),
                        declared.getAccessor());
            } catch (IllegalArgumentException wrong) {
                throw new IllegalArgumentException("%s.%s: %s"
                        .formatted(owner.getSimpleName(), declared.getName(), wrong.getMessage()), wrong);
            }
        }

        /**
         * What reads and writes it: until it is known to be worth it, by looking at its components each time,
         * because making a class takes milliseconds; then code of its own, made aside from the threads that
         * wait.
         */
        RecordAccess access() {
            RecordAccess current = access;
            if (current instanceof Looking && ++uses == OFTEN) {
                Thread.ofVirtual().name("codec of " + owner.getSimpleName()).start(this::compile);
            }
            return current;
        }

        /** There is nothing to make for a record without components: a switch without cases has no code. */
        void compile() {
            if (components.length > 0) {
                access = CompiledRecord.of(this);
            }
        }

        @Override
        public Object read(MessagePackReader in) throws Refused {
            return access().read(in, in.mapHeader());
        }

        @Override
        public void write(MessagePackWriter out, Object instance) {
            RecordAccess current = access();
            out.mapHeader(current.present(instance));
            current.write(out, instance);
        }

        // What both ways of access have in common.

        /** A refusal, with the name of the component in which it came up. @param index -1 for none */
        Refused named(Refused wrong, int index) {
            return index < 0 ? wrong : Refused.badRequest(components[index].name + ": " + wrong.getMessage());
        }

        IllegalArgumentException named(IllegalArgumentException wrong, int index) {
            return new IllegalArgumentException(components[index].name + ": " + wrong.getMessage());
        }

        IllegalArgumentException none(int index) {
            return new IllegalArgumentException("%s.%s is null".formatted(owner.getSimpleName(),
                    components[index].name));
        }

        /** @param seen bits of the components that came; one that must did not */
        Refused missing(long seen) {
            int index = 0;
            while (components[index].optional || (seen & 1L << index) != 0) {
                index++;
            }
            return Refused.badRequest(components[index].name + " is missing");
        }

        /** What the record's own constructor says against its components. */
        static Refused invalid(IllegalArgumentException wrong) {
            return Refused.badRequest(wrong.getMessage());
        }

        /** Access without code of its own. */
        private final class Looking extends RecordAccess {

            @Override
            Object read(MessagePackReader in, int entries) throws Refused {
                Object[] values = new Object[components.length];
                long seen = 0;
                int index = -1;
                try {
                    for (int i = 0; i < entries; i++) {
                        int expected = index + 1;
                        index = -1;
                        index = in.find(keys, expected);
                        if (index < 0) {
                            in.skip();
                        } else {
                            Component component = components[index];
                            values[index] = component.optional ? component.readOptional(in)
                                    : component.value.read(in);
                            seen |= 1L << index;
                        }
                    }
                } catch (Refused wrong) {
                    throw named(wrong, index);
                }
                for (int i = 0; i < components.length; i++) {
                    if (values[i] == null) {
                        if (!components[i].optional) {
                            throw missing(seen);
                        }
                        values[i] = Optional.empty();
                    }
                }
                try {
                    return constructor.newInstance(values);
                } catch (InvocationTargetException thrown) {
                    if (thrown.getCause() instanceof IllegalArgumentException wrong) {
                        throw invalid(wrong);
                    }
                    throw unchecked(thrown);
                } catch (ReflectiveOperationException hidden) {
                    throw new IllegalStateException(hidden);
                }
            }

            @Override
            Object device(Object instance) {
                return device.of(instance);
            }

            @Override
            int present(Object instance) {
                int present = 0;
                for (int i = 0; i < components.length; i++) {
                    Object value = components[i].of(instance);
                    if (value == null) {
                        throw none(i);
                    }
                    present += value instanceof Optional<?> optional && optional.isEmpty() ? 0 : 1;
                }
                return present;
            }

            @Override
            void write(MessagePackWriter out, Object instance) {
                for (int i = 0; i < components.length; i++) {
                    Object value = components[i].of(instance);
                    if (components[i].optional) {
                        value = ((Optional<?>) value).orElse(null);
                    }
                    if (value != null) {
                        out.key(keys[i]);
                        try {
                            components[i].value.write(out, value);
                        } catch (IllegalArgumentException wrong) {
                            throw named(wrong, i);
                        }
                    }
                }
            }
        }

        String deviceOf(Object instance) {
            Object id = access.device(instance);
            return id instanceof Optional<?> optional ? (String) optional.orElse(null) : (String) id;
        }

        List<Shape.Field> fields() {
            List<Shape.Field> fields = new ArrayList<>();
            for (Component component : components) {
                fields.add(new Shape.Field(component.name, component.value.type(), component.optional,
                        component.device, component.help));
            }
            return fields;
        }

        private boolean describing;

        /** A record in itself does, as a free map. */
        @Override
        public synchronized boolean nestsFreely() {
            if (describing) {
                return true;
            }
            describing = true;
            try {
                for (Component component : components) {
                    if (component.value.nestsFreely()) {
                        return true;
                    }
                }
                return false;
            } finally {
                describing = false;
            }
        }

        @Override
        public synchronized Shape.Type type() {
            if (describing) {
                return Shape.Type.of(Shape.Kind.FREE);
            }
            describing = true;
            try {
                return new Shape.Type(Shape.Kind.MAP, Optional.empty(), Optional.empty(), List.of(),
                        Optional.empty(),
                        fields());
            } finally {
                describing = false;
            }
        }
    }

    private static Type argument(Type type) {
        if (type instanceof ParameterizedType parameterized) {
            return parameterized.getActualTypeArguments()[0];
        }
        throw new IllegalArgumentException("needs a type argument");
    }

    /** @param size bounds the value itself, not what is inside; {@code null} if nothing does */
    private static Value value(Type type, RecordComponent declared, Size size,
            Map<Class<?>, RecordValue> known) {
        int least = size == null ? 0 : size.min();
        int most = size == null ? Integer.MAX_VALUE : size.max();
        if (type instanceof ParameterizedType parameterized && parameterized.getRawType() == List.class) {
            return new ListValue(value(argument(type), declared, null, known), least, most);
        }
        if (!(type instanceof Class<?> plain)) {
            throw new IllegalArgumentException("cannot encode " + type);
        }
        Range range = declared.getAnnotation(Range.class);
        if (plain == boolean.class || plain == Boolean.class) {
            return new BoolValue();
        }
        if (plain == int.class || plain == Integer.class) {
            long min = range == null ? Integer.MIN_VALUE : Math.max(range.min(), Integer.MIN_VALUE);
            long max = range == null ? Integer.MAX_VALUE : Math.min(range.max(), Integer.MAX_VALUE);
            return new IntegerValue(min, max, true);
        }
        if (plain == long.class || plain == Long.class) {
            return new IntegerValue(range == null ? Long.MIN_VALUE : range.min(),
                    range == null ? Long.MAX_VALUE : range.max(), false);
        }
        if (plain == double.class || plain == Double.class) {
            return new RealValue(range == null ? Double.NEGATIVE_INFINITY : range.min(),
                    range == null || range.max() == Long.MAX_VALUE ? Double.POSITIVE_INFINITY : range.max());
        }
        if (plain == String.class) {
            return new TextValue(least, most, null);
        }
        if (plain == Bytes.class) {
            return new BytesValue(least, most);
        }
        if (plain == Fields.class) {
            return new FieldsValue();
        }
        if (plain.isEnum() && WireNumber.class.isAssignableFrom(plain)) {
            return EnumValue.of(plain);
        }
        if (plain.isRecord()) {
            return RecordValue.of(plain, known);
        }
        throw new IllegalArgumentException("cannot encode " + plain.getName());
    }

    record BoolValue() implements Value {

        @Override
        public Object read(MessagePackReader in) throws Refused {
            return readBool(in);
        }

        boolean readBool(MessagePackReader in) throws Refused {
            return in.bool();
        }

        @Override
        public void write(MessagePackWriter out, Object value) {
            writeBool(out, (Boolean) value);
        }

        void writeBool(MessagePackWriter out, boolean value) {
            out.bool(value);
        }

        @Override
        public Shape.Type type() {
            return Shape.Type.of(Shape.Kind.BOOL);
        }
    }

    record IntegerValue(long min, long max, boolean narrow) implements Value {

        @Override
        public Object read(MessagePackReader in) throws Refused {
            long value = readInteger(in);
            if (narrow) {
                return (int) value;
            }
            return value;
        }

        long readInteger(MessagePackReader in) throws Refused {
            long value = in.integer();
            if (value < min || value > max) {
                throw Refused.badRequest("%d is not in %d..%d".formatted(value, min, max));
            }
            return value;
        }

        @Override
        public void write(MessagePackWriter out, Object value) {
            writeInteger(out, ((Number) value).longValue());
        }

        void writeInteger(MessagePackWriter out, long number) {
            if (number < min || number > max) {
                throw new IllegalArgumentException("%d is not in %d..%d".formatted(number, min, max));
            }
            out.integer(number);
        }

        @Override
        public Shape.Type type() {
            return Shape.Type.bounded(Shape.Kind.INTEGER, min, max);
        }
    }

    record RealValue(double min, double max) implements Value {

        @Override
        public Object read(MessagePackReader in) throws Refused {
            return readReal(in);
        }

        double readReal(MessagePackReader in) throws Refused {
            double value = in.real();
            if (!within(value)) {
                throw Refused.badRequest("%s is not in %s..%s".formatted(value, min, max));
            }
            return value;
        }

        @Override
        public void write(MessagePackWriter out, Object value) {
            writeReal(out, (Double) value);
        }

        void writeReal(MessagePackWriter out, double value) {
            if (!within(value)) {
                throw new IllegalArgumentException("%s is not in %s..%s".formatted(value, min, max));
            }
            out.real(value);
        }

        private boolean within(double value) {
            return value >= min && value <= max || Double.isNaN(value) && Double.isInfinite(min)
                    && Double.isInfinite(max);
        }

        @Override
        public Shape.Type type() {
            return Shape.Type.of(Shape.Kind.REAL);
        }
    }

    /** @param texts those that came before, or {@code null} */
    record TextValue(int least, int most, Texts texts) implements Value {

        @Override
        public Object read(MessagePackReader in) throws Refused {
            int bytes = in.textHeader();
            if (bytes < least || bytes > most) {
                throw Refused.badRequest("has %d bytes, allowed are %d..%d".formatted(bytes, least, most));
            }
            return texts == null ? in.text(bytes) : texts.read(in, bytes);
        }

        @Override
        public void write(MessagePackWriter out, Object value) {
            if (least > 0 || most < Integer.MAX_VALUE) {
                int bytes = ((String) value).getBytes(StandardCharsets.UTF_8).length;
                if (bytes < least || bytes > most) {
                    throw new IllegalArgumentException("has %d bytes, allowed are %d..%d".formatted(bytes,
                            least, most));
                }
            }
            out.text((String) value);
        }

        @Override
        public Shape.Type type() {
            return Shape.Type.bounded(Shape.Kind.TEXT, least, most);
        }
    }

    record BytesValue(int least, int most) implements Value {

        @Override
        public Object read(MessagePackReader in) throws Refused {
            Bytes value = in.binary();
            if (value.length() < least || value.length() > most) {
                throw Refused.badRequest("has %d bytes, allowed are %d..%d".formatted(value.length(), least,
                        most));
            }
            return value;
        }

        @Override
        public void write(MessagePackWriter out, Object value) {
            Bytes bytes = (Bytes) value;
            if (bytes.length() < least || bytes.length() > most) {
                throw new IllegalArgumentException("has %d bytes, allowed are %d..%d"
                        .formatted(bytes.length(), least, most));
            }
            out.binary(bytes);
        }

        @Override
        public Shape.Type type() {
            return Shape.Type.bounded(Shape.Kind.BYTES, least, most);
        }
    }

    record FieldsValue() implements Value {

        @Override
        public Object read(MessagePackReader in) throws Refused {
            return new Fields(in.wholeMap());
        }

        @Override
        public void write(MessagePackWriter out, Object value) {
            byte[] encoded = ((Fields) value).encoded().toArray();
            out.raw(encoded, 0, encoded.length);
        }

        @Override
        public boolean nestsFreely() {
            return true;
        }

        @Override
        public Shape.Type type() {
            return Shape.Type.of(Shape.Kind.FREE);
        }
    }

    record EnumValue(Class<?> owner, Map<Integer, Object> constants) implements Value {

        static EnumValue of(Class<?> owner) {
            Map<Integer, Object> constants = new HashMap<>();
            for (Object constant : owner.getEnumConstants()) {
                int number = ((WireNumber) constant).number();
                if (number < 0 || constants.put(number, constant) != null) {
                    throw new IllegalArgumentException("%s.%s has no number of its own".formatted(
                            owner.getSimpleName(), constant));
                }
            }
            return new EnumValue(owner, constants);
        }

        @Override
        public Object read(MessagePackReader in) throws Refused {
            long number = in.integer();
            Object constant = number < 0 || number > Integer.MAX_VALUE ? null : constants.get((int) number);
            if (constant == null) {
                throw Refused.badRequest(number + " is not one of " + constants.keySet().stream().sorted()
                        .toList());
            }
            return constant;
        }

        @Override
        public void write(MessagePackWriter out, Object value) {
            out.integer(((WireNumber) value).number());
        }

        @Override
        public Shape.Type type() {
            List<Shape.Value> values = Arrays.stream(owner.getEnumConstants())
                    .map(constant -> new Shape.Value(
                            ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-'),
                            ((WireNumber) constant).number()))
                    .toList();
            return new Shape.Type(Shape.Kind.ENUM, Optional.empty(), Optional.empty(), values,
                    Optional.empty(),
                    List.of());
        }
    }

    record ListValue(Value element, int least, int most) implements Value {

        @Override
        public Object read(MessagePackReader in) throws Refused {
            int count = in.listHeader();
            if (count < least || count > most) {
                throw Refused.badRequest("has %d elements, allowed are %d..%d".formatted(count, least, most));
            }
            List<Object> list = new ArrayList<>(Math.min(count, 1024));
            for (int i = 0; i < count; i++) {
                list.add(element.read(in));
            }
            return List.copyOf(list);
        }

        @Override
        public void write(MessagePackWriter out, Object value) {
            List<?> list = (List<?>) value;
            if (list.size() < least || list.size() > most) {
                throw new IllegalArgumentException("has %d elements, allowed are %d..%d"
                        .formatted(list.size(), least, most));
            }
            out.listHeader(list.size());
            for (Object one : list) {
                element.write(out, one);
            }
        }

        @Override
        public boolean nestsFreely() {
            return element.nestsFreely();
        }

        @Override
        public Shape.Type type() {
            return new Shape.Type(Shape.Kind.LIST, Optional.of((long) least), Optional.of((long) most),
                    List.of(),
                    Optional.of(element.type()), List.of());
        }
    }
}
