package org.myclerk.backend.linux.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@EnabledOnOs(OS.LINUX)
final class ErrnoTest {

    @ParameterizedTest
    @EnumSource
    void saysWhatTheCLibrarySays(Errno errno) throws Throwable {
        assertEquals(words("strerrorname_np", errno.number()), errno.name());
        assertEquals(words("strerrordesc_np", errno.number()), errno.words());
    }

    @SuppressWarnings("restricted")
    private static String words(String function, int number) throws Throwable {
        Linker linker = Linker.nativeLinker();
        MethodHandle handle = linker.downcallHandle(linker.defaultLookup().findOrThrow(function),
                FunctionDescriptor.of(ADDRESS, JAVA_INT));
        MemorySegment text = (MemorySegment) handle.invokeExact(number);
        return text.reinterpret(100).getString(0);
    }
}
