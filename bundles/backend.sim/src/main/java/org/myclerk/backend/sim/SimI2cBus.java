package org.myclerk.backend.sim;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.device.DeviceException;
import org.myclerk.device.i2c.I2cBus;
import org.myclerk.device.i2c.I2cFunction;
import org.myclerk.device.i2c.I2cMessage;
import org.myclerk.device.i2c.SmbusCommand;

/**
 * An I2C bus with targets. SMBus commands are made of plain messages, as the kernel does for adapters that
 * know no better; what needs a length from the target or a packet error code is not among them.
 */
final class SimI2cBus implements I2cBus, SimDevice {

    /** Somebody on the bus; the bus guards it. */
    interface Target {

        void write(Bytes message);

        Bytes read(int length);
    }

    private static final Set<I2cFunction> FUNCTIONS = EnumSet.of(I2cFunction.I2C, I2cFunction.QUICK,
            I2cFunction.READ_BYTE, I2cFunction.WRITE_BYTE, I2cFunction.READ_BYTE_DATA,
            I2cFunction.WRITE_BYTE_DATA, I2cFunction.READ_WORD_DATA, I2cFunction.WRITE_WORD_DATA,
            I2cFunction.PROC_CALL, I2cFunction.WRITE_BLOCK_DATA, I2cFunction.READ_I2C_BLOCK,
            I2cFunction.WRITE_I2C_BLOCK);

    private final String id;
    private final Map<Integer, Target> targets;
    private final Faults faults;
    private boolean unplugged;

    SimI2cBus(String id, Map<Integer, Target> targets, Faults faults) {
        this.id = id;
        this.targets = targets;
        this.faults = faults;
    }

    @Override
    public Fields properties() {
        return Fields.of(Map.of());
    }

    @Override
    public synchronized void plug() {
        unplugged = false;
    }

    @Override
    public synchronized void unplug() {
        unplugged = true;
    }

    @Override
    public int number() {
        return 0;
    }

    @Override
    public String adapter() {
        return "simulated";
    }

    @Override
    public Set<I2cFunction> functions() {
        return FUNCTIONS;
    }

    @Override
    public synchronized Probe probe(int address) throws DeviceException {
        check();
        return targets.containsKey(address) ? Probe.ANSWERS : Probe.NOBODY;
    }

    @Override
    public synchronized List<Bytes> transfer(List<I2cMessage> messages) throws DeviceException {
        check();
        faults.write();
        LockSupport.parkNanos(faults.latency().toNanos());
        List<Bytes> read = new ArrayList<>();
        for (I2cMessage message : messages) {
            Target target = targets.get(message.address());
            if (target == null) {
                throw new DeviceException(ErrorCode.NOT_FOUND,
                        "nobody acknowledges 0x%02x on %s: No such device or "
                        .formatted(message.address(), id) + "address (simulated)");
            }
            if (message.read() > 0) {
                read.add(target.read(message.read()));
            } else {
                target.write(message.write());
            }
        }
        return read;
    }

    @Override
    public Bytes smbus(SmbusCommand command) throws DeviceException {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        boolean coded = command.protocol() != SmbusCommand.Protocol.QUICK
                && !(command.protocol() == SmbusCommand.Protocol.BYTE && command.read());
        if (coded) {
            written.write(command.command());
        }
        if (command.protocol() == SmbusCommand.Protocol.BLOCK_DATA) {
            written.write(command.data().length());
        }
        written.writeBytes(command.data().toArray());
        int length = switch (command.protocol()) {
            case QUICK -> 0;
            case BYTE, BYTE_DATA -> command.read() ? 1 : 0;
            case WORD_DATA -> command.read() ? 2 : 0;
            case PROC_CALL -> 2;
            case I2C_BLOCK_DATA -> command.read() ? command.length() : 0;
            case BLOCK_DATA, BLOCK_PROC_CALL -> 0;
        };
        List<I2cMessage> messages = new ArrayList<>();
        if (coded || length == 0) {
            messages.add(I2cMessage.write(command.address(), false, Bytes.wrap(written.toByteArray())));
        }
        if (length > 0) {
            messages.add(I2cMessage.read(command.address(), false, length));
        }
        List<Bytes> read = transfer(messages);
        return read.isEmpty() ? Bytes.EMPTY : read.getFirst();
    }

    private void check() throws DeviceException {
        if (unplugged) {
            throw new DeviceException(ErrorCode.NOT_FOUND, "%s: No such device (simulated)".formatted(id));
        }
    }
}
