package org.myclerk.backend.linux.kernel;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.device.DeviceException;

/** A system call failed; the message ends with the kernel's reason in words. */
public final class KernelException extends DeviceException {

    private final int number;

    /**
     * @param what was tried on which device, as the beginning of a sentence: {@code cannot open /dev/i2c-1}
     * @param number what the call left in errno
     */
    public KernelException(String what, int number) {
        this(what, number, codeOf(number));
    }

    private KernelException(String what, int number, ErrorCode code) {
        super(code, "%s: %s".formatted(what, reason(number)));
        this.number = number;
    }

    /** The reason, or {@code null} for a number that {@link Errno} does not have. */
    public Errno errno() {
        return Errno.of(number);
    }

    public boolean is(Errno errno) {
        return errno.number() == number;
    }

    /** The same failure told in other words, which the kernel's reason follows. */
    public KernelException saying(String what) {
        return new KernelException(what, number);
    }

    /**
     * The same failure told in other words and with another code, where the bus gives the reason a meaning of
     * its own.
     */
    public KernelException saying(String what, ErrorCode code) {
        return new KernelException(what, number, code);
    }

    private static ErrorCode codeOf(int number) {
        Errno errno = Errno.of(number);
        return errno == null ? ErrorCode.SERVICE_UNAVAILABLE : errno.code();
    }

    private static String reason(int number) {
        Errno errno = Errno.of(number);
        return errno == null ? "error " + number : "%s (%s)".formatted(errno.words(), errno);
    }
}
