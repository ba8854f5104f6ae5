package org.myclerk.core.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Big-endian unsigned integers in an array. */
final class Wire {

    private static final VarHandle U16 = MethodHandles.byteArrayViewVarHandle(short[].class,
            ByteOrder.BIG_ENDIAN);
    private static final VarHandle U32 = MethodHandles.byteArrayViewVarHandle(int[].class,
            ByteOrder.BIG_ENDIAN);

    private Wire() {
    }

    static int u16(byte[] array, int at) {
        return (short) U16.get(array, at) & 0xFFFF;
    }

    static long u32(byte[] array, int at) {
        return (int) U32.get(array, at) & 0xFFFF_FFFFL;
    }

    static void u16(byte[] array, int at, int value) {
        U16.set(array, at, (short) value);
    }

    static void u32(byte[] array, int at, long value) {
        U32.set(array, at, (int) value);
    }
}
