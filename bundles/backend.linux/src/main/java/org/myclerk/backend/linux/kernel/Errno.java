package org.myclerk.backend.linux.kernel;

import org.myclerk.api.operation.ErrorCode;

/**
 * Why a system call failed (asm-generic/errno.h; the same numbers on x86, ARM and RISC-V): the kernel's
 * words, and what a remote caller is told (docs/decisions/0060).
 */
public enum Errno {

    EPERM(1, "Operation not permitted", ErrorCode.FORBIDDEN),
    ENOENT(2, "No such file or directory", ErrorCode.NOT_FOUND),
    EINTR(4, "Interrupted system call", ErrorCode.SERVICE_UNAVAILABLE),
    EIO(5, "Input/output error", ErrorCode.SERVICE_UNAVAILABLE),
    ENXIO(6, "No such device or address", ErrorCode.NOT_FOUND),
    E2BIG(7, "Argument list too long", ErrorCode.BAD_REQUEST),
    EBADF(9, "Bad file descriptor", ErrorCode.SERVICE_UNAVAILABLE),
    EAGAIN(11, "Resource temporarily unavailable", ErrorCode.SERVICE_UNAVAILABLE),
    ENOMEM(12, "Cannot allocate memory", ErrorCode.SERVICE_UNAVAILABLE),
    EACCES(13, "Permission denied", ErrorCode.FORBIDDEN),
    EFAULT(14, "Bad address", ErrorCode.INTERNAL_ERROR),
    EBUSY(16, "Device or resource busy", ErrorCode.SERVICE_UNAVAILABLE),
    EEXIST(17, "File exists", ErrorCode.BAD_REQUEST),
    ENODEV(19, "No such device", ErrorCode.NOT_FOUND),
    ENOTDIR(20, "Not a directory", ErrorCode.NOT_FOUND),
    EINVAL(22, "Invalid argument", ErrorCode.BAD_REQUEST),
    ENFILE(23, "Too many open files in system", ErrorCode.SERVICE_UNAVAILABLE),
    EMFILE(24, "Too many open files", ErrorCode.SERVICE_UNAVAILABLE),
    ENOTTY(25, "Inappropriate ioctl for device", ErrorCode.BAD_REQUEST),
    ENOSPC(28, "No space left on device", ErrorCode.SERVICE_UNAVAILABLE),
    EROFS(30, "Read-only file system", ErrorCode.FORBIDDEN),
    EPIPE(32, "Broken pipe", ErrorCode.SERVICE_UNAVAILABLE),
    EDOM(33, "Numerical argument out of domain", ErrorCode.BAD_REQUEST),
    ERANGE(34, "Numerical result out of range", ErrorCode.BAD_REQUEST),
    ENOSYS(38, "Function not implemented", ErrorCode.BAD_REQUEST),
    ENODATA(61, "No data available", ErrorCode.SERVICE_UNAVAILABLE),
    EPROTO(71, "Protocol error", ErrorCode.SERVICE_UNAVAILABLE),
    EBADMSG(74, "Bad message", ErrorCode.SERVICE_UNAVAILABLE),
    EMSGSIZE(90, "Message too long", ErrorCode.BAD_REQUEST),
    EPROTONOSUPPORT(93, "Protocol not supported", ErrorCode.BAD_REQUEST),
    EOPNOTSUPP(95, "Operation not supported", ErrorCode.BAD_REQUEST),
    EAFNOSUPPORT(97, "Address family not supported by protocol", ErrorCode.BAD_REQUEST),
    EADDRINUSE(98, "Address already in use", ErrorCode.SERVICE_UNAVAILABLE),
    EADDRNOTAVAIL(99, "Cannot assign requested address", ErrorCode.NOT_FOUND),
    ENETDOWN(100, "Network is down", ErrorCode.SERVICE_UNAVAILABLE),
    ENOBUFS(105, "No buffer space available", ErrorCode.SERVICE_UNAVAILABLE),
    /** What spidev says once its device is gone. */
    ESHUTDOWN(108, "Cannot send after transport endpoint shutdown", ErrorCode.NOT_FOUND),
    ETIMEDOUT(110, "Connection timed out", ErrorCode.TIMEOUT),
    EREMOTEIO(121, "Remote I/O error", ErrorCode.NOT_FOUND);

    private final int number;
    private final String words;
    private final ErrorCode code;

    Errno(int number, String words, ErrorCode code) {
        this.number = number;
        this.words = words;
        this.code = code;
    }

    /** The constant of a number, or {@code null} if it has none here. */
    public static Errno of(int number) {
        for (Errno errno : values()) {
            if (errno.number == number) {
                return errno;
            }
        }
        return null;
    }

    public int number() {
        return number;
    }

    /** What strerror(3) says. */
    public String words() {
        return words;
    }

    /** What a remote caller is told. */
    public ErrorCode code() {
        return code;
    }
}
