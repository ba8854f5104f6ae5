package org.myclerk.backend.linux.kernel;

import java.lang.foreign.MemoryLayout;

/** Request numbers of ioctl(2), as the macros of asm-generic/ioctl.h make them (x86, ARM, RISC-V). */
public final class Ioctl {

    private static final int WRITE = 1;
    private static final int READ = 2;

    private Ioctl() {
    }

    /** {@code _IOR}: the kernel fills the argument. */
    public static long read(int type, int number, MemoryLayout argument) {
        return of(READ, type, number, argument.byteSize());
    }

    /** {@code _IOW}: the kernel reads the argument. */
    public static long write(int type, int number, MemoryLayout argument) {
        return of(WRITE, type, number, argument.byteSize());
    }

    /** {@code _IOWR}: both. */
    public static long readWrite(int type, int number, MemoryLayout argument) {
        return of(READ | WRITE, type, number, argument.byteSize());
    }

    /** {@code _IOW} of a size that is known only when the call is made. */
    public static long write(int type, int number, long size) {
        return of(WRITE, type, number, size);
    }

    private static long of(int direction, int type, int number, long size) {
        return (long) direction << 30 | size << 16 | (long) type << 8 | number;
    }
}
