package org.myclerk.api.payload;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.PayloadCodec.BoolValue;
import org.myclerk.api.payload.PayloadCodec.Component;
import org.myclerk.api.payload.PayloadCodec.IntegerValue;
import org.myclerk.api.payload.PayloadCodec.RealValue;
import org.myclerk.api.payload.PayloadCodec.RecordValue;
import org.myclerk.api.payload.PayloadCodec.Value;

/**
 * Makes a class for one record type that does what {@link PayloadCodec.RecordValue} does by looking at its
 * components: straight code without boxing, in which accessors, bounds and keys are constants.
 *
 * <p>The class is hidden and knows the record only through method handles in its class data. So it needs no
 * access to the record's package, and it goes when the record's codec goes: it pins no bundle.
 */
final class CompiledRecord {

    /** Which components were there is kept in the bits of a long. */
    static final int MOST_COMPONENTS = 64;

    private static final ClassDesc THIS = ClassDesc.of(CompiledRecord.class.getPackageName(), "Compiled");
    private static final ClassDesc ACCESS = desc(RecordAccess.class);
    private static final ClassDesc READER = desc(MessagePackReader.class);
    private static final ClassDesc WRITER = desc(MessagePackWriter.class);
    private static final ClassDesc RECORD = desc(RecordValue.class);
    private static final ClassDesc VALUE = desc(Value.class);
    private static final ClassDesc KEYS = desc(MessagePackReader.Key[].class);
    private static final ClassDesc REFUSED = desc(Refused.class);
    private static final ClassDesc ILLEGAL = desc(IllegalArgumentException.class);
    private static final ClassDesc OPTIONAL = desc(Optional.class);
    private static final ClassDesc HANDLE = ConstantDescs.CD_MethodHandle;
    private static final ClassDesc OBJECT = ConstantDescs.CD_Object;
    private static final ClassDesc INT = ConstantDescs.CD_int;
    private static final ClassDesc VOID = ConstantDescs.CD_void;
    private static final ClassDesc BOOLEAN = ConstantDescs.CD_boolean;

    private final RecordValue record;
    private final List<Object> data = new ArrayList<>();

    private CompiledRecord(RecordValue record) {
        this.record = record;
    }

    private static ClassDesc desc(Class<?> type) {
        return ClassDesc.ofDescriptor(type.descriptorString());
    }

    static RecordAccess of(RecordValue record) {
        return new CompiledRecord(record).make();
    }

    private RecordAccess make() {
        byte[] bytes = ClassFile.of().build(THIS, builder -> builder
                .withSuperclass(ACCESS)
                .withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC)
                .withMethodBody(ConstantDescs.INIT_NAME, ConstantDescs.MTD_void, 0,
                        code -> code.aload(0).invokespecial(ACCESS, ConstantDescs.INIT_NAME,
                        ConstantDescs.MTD_void)
                                .return_())
                .withMethodBody("read", MethodTypeDesc.of(OBJECT, READER, INT), 0, this::read)
                .withMethodBody("present", MethodTypeDesc.of(INT, OBJECT), 0, this::present)
                .withMethodBody("write", MethodTypeDesc.of(VOID, WRITER, OBJECT), 0, this::write)
                .withMethodBody("device", MethodTypeDesc.of(OBJECT, OBJECT), 0, this::device));
        try {
            MethodHandles.Lookup hidden = MethodHandles.lookup()
                    .defineHiddenClassWithClassData(bytes, data, true);
            return (RecordAccess) hidden.findConstructor(hidden.lookupClass(),
                    MethodType.methodType(void.class))
                    .invoke();
        } catch (Throwable bug) {
            throw new IllegalStateException("no code for " + record.owner.getName(), bug);
        }
    }

    /**
     * Loads something that the class is made with; to the compiler of the virtual machine it is a constant.
     */
    private void constant(CodeBuilder code, Object value, ClassDesc type) {
        data.add(value);
        code.ldc(DynamicConstantDesc.ofNamed(ConstantDescs.BSM_CLASS_DATA_AT, ConstantDescs.DEFAULT_NAME,
                type, data.size() - 1));
    }

    /** What of a component is on the stack: its primitive type, or Object. */
    private static Class<?> carried(Component component) {
        return component.type().isPrimitive() ? component.type() : Object.class;
    }

    private static TypeKind kind(Component component) {
        return TypeKind.from(carried(component));
    }

    private void read(CodeBuilder code) {
        Component[] components = record.components;
        int[] locals = new int[components.length];
        for (int i = 0; i < components.length; i++) {
            TypeKind kind = kind(components[i]);
            locals[i] = code.allocateLocal(kind);
            if (components[i].optional()) {
                code.invokestatic(OPTIONAL, "empty", MethodTypeDesc.of(OPTIONAL));
            } else {
                zero(code, kind);
            }
            code.storeLocal(kind, locals[i]);
        }
        int seen = code.allocateLocal(TypeKind.LONG);
        int index = code.allocateLocal(TypeKind.INT);
        int expected = code.allocateLocal(TypeKind.INT);
        code.lconst_0().lstore(seen).iconst_0().istore(expected).iconst_m1().istore(index);
        code.trying(body -> entries(body, locals, seen, index, expected),
                handlers -> handlers.catching(REFUSED, handler -> {
                    constant(handler, record, RECORD);
                    handler.swap().iload(index).invokevirtual(RECORD, "named",
                            MethodTypeDesc.of(REFUSED, REFUSED, INT)).athrow();
                }));
        Label complete = code.newLabel();
        long needed = 0;
        for (int i = 0; i < components.length; i++) {
            needed |= components[i].optional() ? 0 : 1L << i;
        }
        code.lload(seen).loadConstant(needed).land().loadConstant(needed).lcmp().ifeq(complete);
        constant(code, record, RECORD);
        code.lload(seen).invokevirtual(RECORD, "missing", MethodTypeDesc.of(REFUSED, ConstantDescs.CD_long))
                .athrow();
        code.labelBinding(complete);
        code.trying(body -> {
            List<Class<?>> types = new ArrayList<>();
            for (Component component : components) {
                types.add(carried(component));
            }
            MethodType type = MethodType.methodType(Object.class, types);
            constant(body, constructor(type), HANDLE);
            for (int i = 0; i < components.length; i++) {
                body.loadLocal(kind(components[i]), locals[i]);
            }
            body.invokevirtual(HANDLE, "invokeExact", type.describeConstable().orElseThrow()).areturn();
        }, handlers -> handlers.catching(ILLEGAL, handler -> handler.invokestatic(RECORD, "invalid",
                MethodTypeDesc.of(REFUSED, ILLEGAL)).athrow()));
    }

    private static void zero(CodeBuilder code, TypeKind kind) {
        switch (kind) {
            case LONG -> code.lconst_0();
            case DOUBLE -> code.dconst_0();
            case REFERENCE -> code.aconst_null();
            default -> code.iconst_0();
        }
    }

    private void entries(CodeBuilder code, int[] locals, int seen, int index, int expected) {
        Component[] components = record.components;
        MessagePackReader.Key[] keys = new MessagePackReader.Key[components.length];
        Label[] labels = new Label[components.length];
        List<SwitchCase> cases = new ArrayList<>();
        for (int i = 0; i < components.length; i++) {
            keys[i] = components[i].key();
            labels[i] = code.newLabel();
            cases.add(SwitchCase.of(i, labels[i]));
        }
        Label next = code.newLabel();
        Label unknown = code.newLabel();
        Label counted = code.newLabel();
        Label end = code.newLabel();
        code.labelBinding(next);
        code.iload(2).ifle(end).iinc(2, -1);
        code.iconst_m1().istore(index).aload(1);
        constant(code, keys, KEYS);
        code.iload(expected).invokevirtual(READER, "find", MethodTypeDesc.of(INT, KEYS, INT)).istore(index);
        code.iload(index).tableswitch(unknown, cases);
        for (int i = 0; i < components.length; i++) {
            code.labelBinding(labels[i]);
            readOne(code, components[i], locals[i]);
            code.goto_(counted);
        }
        code.labelBinding(unknown);
        code.aload(1).invokevirtual(READER, "skip", ConstantDescs.MTD_void).goto_(next);
        code.labelBinding(counted);
        code.lload(seen).lconst_1().iload(index).lshl().lor().lstore(seen);
        code.iload(index).iconst_1().iadd().istore(expected).goto_(next);
        code.labelBinding(end);
    }

    private void readOne(CodeBuilder code, Component component, int local) {
        Value value = component.value();
        Class<?> type = carried(component);
        if (component.optional()) {
            constant(code, component, desc(Component.class));
            code.aload(1).invokevirtual(desc(Component.class), "readOptional",
                    MethodTypeDesc.of(OPTIONAL, READER));
        } else if (type.isPrimitive()) {
            ClassDesc owner = desc(value.getClass());
            constant(code, value, owner);
            code.aload(1).invokevirtual(owner, primitive("read", type),
                    MethodTypeDesc.of(wide(type), READER));
            if (type == int.class) {
                code.l2i();
            }
        } else {
            object(code, value);
            code.aload(1);
            call(code, value, "read", MethodTypeDesc.of(OBJECT, READER));
        }
        code.storeLocal(kind(component), local);
    }

    private void object(CodeBuilder code, Value value) {
        constant(code, value, desc(value.getClass()));
    }

    private static void call(CodeBuilder code, Value value, String name, MethodTypeDesc type) {
        code.invokevirtual(desc(value.getClass()), name, type);
    }

    private static String primitive(String verb, Class<?> type) {
        return verb + (type == boolean.class ? "Bool" : type == double.class ? "Real" : "Integer");
    }

    /** An int travels as a long: there is one kind of integer. */
    private static ClassDesc wide(Class<?> type) {
        return desc(type == int.class ? long.class : type);
    }

    private void present(CodeBuilder code) {
        Component[] components = record.components;
        code.iconst_0();
        for (int i = 0; i < components.length; i++) {
            if (carried(components[i]).isPrimitive()) {
                code.iconst_1().iadd();
                continue;
            }
            int local = code.allocateLocal(TypeKind.REFERENCE);
            get(code, components[i], 1);
            code.astore(local);
            Label there = code.newLabel();
            code.aload(local).ifnonnull(there);
            constant(code, record, RECORD);
            code.loadConstant(i).invokevirtual(RECORD, "none", MethodTypeDesc.of(ILLEGAL, INT)).athrow();
            code.labelBinding(there);
            if (components[i].optional()) {
                code.aload(local).checkcast(OPTIONAL)
                        .invokevirtual(OPTIONAL, "isPresent", MethodTypeDesc.of(BOOLEAN)).iadd();
            } else {
                code.iconst_1().iadd();
            }
        }
        code.ireturn();
    }

    private void write(CodeBuilder code) {
        Component[] components = record.components;
        int index = code.allocateLocal(TypeKind.INT);
        code.iconst_0().istore(index);
        code.trying(body -> {
            for (int i = 0; i < components.length; i++) {
                writeOne(body, components[i], i, index);
            }
            body.return_();
        }, handlers -> handlers.catching(ILLEGAL, handler -> {
            constant(handler, record, RECORD);
            handler.swap().iload(index).invokevirtual(RECORD, "named",
                    MethodTypeDesc.of(ILLEGAL, ILLEGAL, INT))
                    .athrow();
        }));
    }

    private void device(CodeBuilder code) {
        if (record.device == null) {
            code.aconst_null().areturn();
            return;
        }
        MethodType type = MethodType.methodType(Object.class, Object.class);
        constant(code, accessor(record.device, type), HANDLE);
        code.aload(1).invokevirtual(HANDLE, "invokeExact", type.describeConstable().orElseThrow()).areturn();
    }

    private MethodHandle constructor(MethodType type) {
        try {
            return MethodHandles.publicLookup().unreflectConstructor(record.constructor).asType(type);
        } catch (IllegalAccessException hidden) {
            throw new IllegalStateException(hidden);
        }
    }

    private static MethodHandle accessor(Component component, MethodType type) {
        try {
            return MethodHandles.publicLookup().unreflect(component.accessor()).asType(type);
        } catch (IllegalAccessException hidden) {
            throw new IllegalStateException(hidden);
        }
    }

    /** @param instance the local that holds the record */
    private void get(CodeBuilder code, Component component, int instance) {
        MethodType type = MethodType.methodType(carried(component), Object.class);
        constant(code, accessor(component, type), HANDLE);
        code.aload(instance).invokevirtual(HANDLE, "invokeExact", type.describeConstable().orElseThrow());
    }

    private void writeOne(CodeBuilder code, Component component, int at, int index) {
        Label absent = code.newLabel();
        Value value = component.value();
        TypeKind kind = kind(component);
        int local = code.allocateLocal(kind);
        get(code, component, 2);
        code.storeLocal(kind, local).loadConstant(at).istore(index);
        if (component.optional()) {
            code.aload(local).checkcast(OPTIONAL).invokevirtual(OPTIONAL, "isPresent",
                    MethodTypeDesc.of(BOOLEAN))
                    .ifeq(absent);
        }
        code.aload(1);
        constant(code, component.key(), desc(MessagePackReader.Key.class));
        code.invokevirtual(WRITER, "key", MethodTypeDesc.of(VOID, desc(MessagePackReader.Key.class)));
        object(code, value);
        code.aload(1).loadLocal(kind, local);
        Class<?> type = carried(component);
        if (type.isPrimitive()) {
            if (type == int.class) {
                code.i2l();
            }
            call(code, value, primitive("write", type), MethodTypeDesc.of(VOID, WRITER, wide(type)));
        } else {
            if (component.optional()) {
                code.checkcast(OPTIONAL).invokevirtual(OPTIONAL, "get", MethodTypeDesc.of(OBJECT));
            }
            call(code, value, "write", MethodTypeDesc.of(VOID, WRITER, OBJECT));
        }
        code.labelBinding(absent);
    }
}
