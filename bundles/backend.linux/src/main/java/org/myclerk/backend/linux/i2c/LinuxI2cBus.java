package org.myclerk.backend.linux.i2c;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.payload.Bytes;
import org.myclerk.backend.linux.kernel.Errno;
import org.myclerk.backend.linux.kernel.KernelException;
import org.myclerk.backend.linux.kernel.KernelFile;
import org.myclerk.device.i2c.I2cBus;
import org.myclerk.device.i2c.I2cFunction;
import org.myclerk.device.i2c.I2cMessage;
import org.myclerk.device.i2c.SmbusCommand;
import org.myclerk.device.i2c.SmbusCommand.Protocol;

/**
 * An I2C bus of the machine. Its device file is open only during a call: an open one keeps the kernel from
 * removing the adapter.
 */
final class LinuxI2cBus implements I2cBus {

    static final long I2C_SLAVE = 0x0703;
    static final long I2C_TENBIT = 0x0704;
    static final long I2C_FUNCS = 0x0705;
    static final long I2C_PEC = 0x0708;

    private final Path file;
    private final int number;
    private final String adapter;

    /** @param file {@code /dev/i2c-1} */
    LinuxI2cBus(Path file, int number, String adapter) {
        this.file = file;
        this.number = number;
        this.adapter = adapter;
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public String adapter() {
        return adapter;
    }

    @Override
    public Set<I2cFunction> functions() throws KernelException {
        try (KernelFile bus = open(); Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(JAVA_LONG);
            bus.ioctl("ask what it can do:", I2C_FUNCS, mask);
            return I2cFunction.of(mask.get(JAVA_LONG, 0));
        }
    }

    @Override
    public Probe probe(int address) throws KernelException {
        SmbusCommand receive = new SmbusCommand(address, Protocol.BYTE, true, 0, Bytes.EMPTY, 0, false);
        try (KernelFile bus = open(); Arena arena = Arena.ofConfined()) {
            try {
                bus.ioctl("address", I2C_SLAVE, address);
            } catch (KernelException e) {
                if (e.is(Errno.EBUSY)) {
                    return Probe.KERNEL;
                }
                throw e;
            }
            try {
                bus.ioctl("probe", I2cSmbusIoctlData.I2C_SMBUS, I2cSmbusIoctlData.in(arena, receive).at());
                return Probe.ANSWERS;
            } catch (KernelException e) {
                if (e.is(Errno.ENODEV) || e.is(Errno.EPERM) || e.is(Errno.EACCES)) {
                    throw e;
                }
                return Probe.NOBODY;
            }
        }
    }

    @Override
    public List<Bytes> transfer(List<I2cMessage> messages) throws KernelException {
        try (KernelFile bus = open(); Arena arena = Arena.ofConfined()) {
            MemorySegment structs = arena.allocate(I2cMsg.LAYOUT, messages.size());
            List<MemorySegment> read = new ArrayList<>();
            for (int i = 0; i < messages.size(); i++) {
                I2cMsg struct = new I2cMsg(structs.asSlice(i * I2cMsg.LAYOUT.byteSize(), I2cMsg.LAYOUT));
                MemorySegment buffer = struct.fill(arena, messages.get(i));
                if (messages.get(i).read() > 0) {
                    read.add(buffer);
                }
            }
            // The kernel does not look whether a driver of its own has the addresses of a combined transfer.
            for (I2cMessage message : messages) {
                address(bus, message.address(), message.tenBits());
            }
            I2cRdwrIoctlData data = I2cRdwrIoctlData.in(arena, structs, messages.size());
            int done;
            try {
                done = bus.ioctl("transfer on", I2cRdwrIoctlData.I2C_RDWR, data.at());
            } catch (KernelException e) {
                throw explain(e, messages.getFirst().address());
            }
            if (done != messages.size()) {
                throw new KernelException("%s: %d of %d messages were transferred".formatted(file, done,
                        messages.size()), Errno.EIO.number());
            }
            return read.stream().map(buffer -> Bytes.wrap(buffer.toArray(JAVA_BYTE))).toList();
        }
    }

    @Override
    public Bytes smbus(SmbusCommand command) throws KernelException {
        try (KernelFile bus = open(); Arena arena = Arena.ofConfined()) {
            address(bus, command.address(), false);
            if (command.pec()) {
                bus.ioctl("turn packet error codes on for", I2C_PEC, 1);
            }
            I2cSmbusIoctlData data = I2cSmbusIoctlData.in(arena, command);
            try {
                bus.ioctl("command 0x%02x on".formatted(command.address()), I2cSmbusIoctlData.I2C_SMBUS,
                        data.at());
            } catch (KernelException e) {
                throw explain(e, command.address());
            }
            return data.answer(command);
        }
    }

    private void address(KernelFile bus, int address, boolean tenBits) throws KernelException {
        bus.ioctl("address", I2C_TENBIT, tenBits ? 1 : 0);
        try {
            bus.ioctl("address", I2C_SLAVE, address);
        } catch (KernelException e) {
            throw e.is(Errno.EBUSY) ? e.saying("0x%02x on %s is held by a driver of the kernel (%s)"
                    .formatted(address, file, driver(address))) : e;
        }
    }

    private KernelFile open() throws KernelException {
        return KernelFile.open(file, KernelFile.O_RDWR);
    }

    /** Documentation/i2c/fault-codes.rst: what the reasons mean on this bus. */
    private KernelException explain(KernelException e, int address) {
        if (e.is(Errno.ENXIO) || e.is(Errno.EREMOTEIO)) {
            return e.saying("nobody acknowledges 0x%02x on %s".formatted(address, file));
        }
        if (e.is(Errno.EAGAIN)) {
            return e.saying("arbitration was lost on %s: another master was faster, try again".formatted(
                    file));
        }
        if (e.is(Errno.ETIMEDOUT)) {
            return e.saying("0x%02x on %s held the bus for too long".formatted(address, file));
        }
        if (e.is(Errno.EBADMSG)) {
            return e.saying("0x%02x on %s sent a wrong packet error code".formatted(address, file));
        }
        if (e.is(Errno.EPROTO)) {
            return e.saying("0x%02x on %s does not speak that protocol".formatted(address, file),
                    ErrorCode.BAD_REQUEST);
        }
        return e;
    }

    private String driver(int address) {
        try {
            return Path.of("/sys/bus/i2c/devices", "%d-%04x".formatted(number, address), "driver")
                    .toRealPath()
                    .getFileName().toString();
        } catch (IOException _) {
            return "unknown";
        }
    }
}
