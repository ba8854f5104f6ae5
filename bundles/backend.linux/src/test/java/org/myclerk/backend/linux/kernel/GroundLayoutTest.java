package org.myclerk.backend.linux.kernel;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
final class GroundLayoutTest {

    @Test
    void agreesWithTheHeaders(@TempDir Path folder) throws Exception {
        MemoryLayout eight = MemoryLayout.sequenceLayout(8, ValueLayout.JAVA_BYTE);
        new CHeaders(folder, "poll.h", "fcntl.h", "asm/ioctl.h")
                .struct(Libc.POLLFD)
                .number("O_RDWR", KernelFile.O_RDWR).number("O_WRONLY", KernelFile.O_WRONLY)
                .number("O_NONBLOCK", KernelFile.O_NONBLOCK)
                .number("POLLIN", KernelFile.POLLIN).number("POLLPRI", KernelFile.POLLPRI)
                .number("POLLOUT", KernelFile.POLLOUT).number("POLLERR", KernelFile.POLLERR)
                .number("POLLHUP", KernelFile.POLLHUP)
                .number("_IOR(0xB4, 1, char[8])", Ioctl.read(0xB4, 1, eight))
                .number("_IOW(0xB4, 2, char[8])", Ioctl.write(0xB4, 2, eight))
                .number("_IOW(0x6B, 0, char[32])", Ioctl.write(0x6B, 0, 32))
                .number("_IOWR(0xB4, 3, char[8])", Ioctl.readWrite(0xB4, 3, eight))
                .check();
    }
}
