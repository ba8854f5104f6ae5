package org.myclerk.api.payload;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Integers of two, four and eight bytes in an array, as MessagePack has them. */
final class BigEndian {

    static final VarHandle U16 = of(short[].class);
    static final VarHandle U32 = of(int[].class);
    static final VarHandle U64 = of(long[].class);

    private BigEndian() {
    }

    private static VarHandle of(Class<?> type) {
        return MethodHandles.byteArrayViewVarHandle(type, ByteOrder.BIG_ENDIAN);
    }
}
