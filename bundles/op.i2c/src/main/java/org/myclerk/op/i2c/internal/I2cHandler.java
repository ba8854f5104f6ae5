package org.myclerk.op.i2c.internal;

import static org.myclerk.op.i2c.I2cOperations.I2C_BUS_LIST;
import static org.myclerk.op.i2c.I2cOperations.I2C_BUS_SCAN;
import static org.myclerk.op.i2c.I2cOperations.I2C_READ_BLOCK;
import static org.myclerk.op.i2c.I2cOperations.I2C_READ_BYTE;
import static org.myclerk.op.i2c.I2cOperations.I2C_SMBUS_COMMAND;
import static org.myclerk.op.i2c.I2cOperations.I2C_TRANSFER;
import static org.myclerk.op.i2c.I2cOperations.I2C_WRITE_BLOCK;
import static org.myclerk.op.i2c.I2cOperations.I2C_WRITE_BYTE;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.myclerk.api.device.Device;
import org.myclerk.api.device.Devices;
import org.myclerk.api.device.Devices.Listed;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.OperationHandler;
import org.myclerk.api.operation.OperationRange;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;
import org.myclerk.device.DeviceException;
import org.myclerk.device.i2c.I2cBus;
import org.myclerk.device.i2c.I2cFunction;
import org.myclerk.device.i2c.I2cMessage;
import org.myclerk.device.i2c.SmbusCommand;
import org.myclerk.op.i2c.BlockData;
import org.myclerk.op.i2c.BlockRead;
import org.myclerk.op.i2c.BlockWrite;
import org.myclerk.op.i2c.BusInfo;
import org.myclerk.op.i2c.BusList;
import org.myclerk.op.i2c.BusScan;
import org.myclerk.op.i2c.BusTargets;
import org.myclerk.op.i2c.ByteRead;
import org.myclerk.op.i2c.ByteValue;
import org.myclerk.op.i2c.ByteWrite;
import org.myclerk.op.i2c.Function;
import org.myclerk.op.i2c.I2cOperations;
import org.myclerk.op.i2c.Message;
import org.myclerk.op.i2c.Protocol;
import org.myclerk.op.i2c.SmbusAnswer;
import org.myclerk.op.i2c.SmbusRequest;
import org.myclerk.op.i2c.Transfer;
import org.myclerk.op.i2c.TransferResult;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Serves the I2C range (§6.3.4) on whatever buses the node has. What an adapter cannot do is refused before
 * it is tried. It holds nothing: each call is one transfer.
 */
@Component
@OperationRange(name = "i2c", first = 0x0630, last = 0x063F)
public final class I2cHandler implements OperationHandler {

    private static final int FIRST = 0x08;
    private static final int LAST = 0x77;
    /** Receiving a byte there stops clock chips that are only ever written to (i2cdetect(8), option -r). */
    private static final int CLOCK_CHIPS = 0x69;

    private final Devices devices;

    @Activate
    public I2cHandler(@Reference Devices devices) {
        this.devices = devices;
    }

    @Override
    public Bindings bindings() {
        return I2cOperations.TABLE.bind()
                .to(I2C_BUS_LIST, this::list)
                .to(I2C_BUS_SCAN, this::scan)
                .to(I2C_TRANSFER, this::transfer)
                .to(I2C_WRITE_BYTE, this::writeByte)
                .to(I2C_READ_BYTE, this::readByte)
                .to(I2C_WRITE_BLOCK, this::writeBlock)
                .to(I2C_READ_BLOCK, this::readBlock)
                .to(I2C_SMBUS_COMMAND, this::smbus)
                .done();
    }

    private BusList list(Caller caller, None request) {
        List<BusInfo> buses = new ArrayList<>();
        for (Listed listed : devices.visibleTo(caller, I2cBus.class)) {
            // Not devices.get: looking at a bus is no use of it.
            if (devices.device(listed.info().id()).map(Device::driver).orElse(null) instanceof I2cBus bus) {
                buses.add(info(listed, bus.number(), functions(bus)));
            }
        }
        return new BusList(buses);
    }

    private static BusInfo info(Listed listed, int number, List<Function> functions) {
        return new BusInfo(listed.info().id(), number, listed.info().name(), listed.info().place(), functions,
                listed.info().simulated(), listed.holder());
    }

    private static List<Function> functions(I2cBus bus) {
        try {
            return bus.functions().stream().map(it -> Function.valueOf(it.name())).toList();
        } catch (DeviceException notPermitted) {
            return List.of();
        }
    }

    private BusTargets scan(Caller caller, BusScan request) throws Refused {
        int first = request.first().orElse(FIRST);
        int last = request.last().orElse(LAST);
        if (first > last) {
            throw Refused.badRequest("a scan goes upwards, not from 0x%02x to 0x%02x".formatted(first, last));
        }
        boolean asked = request.first().isPresent() && request.last().isPresent();
        I2cBus bus = bus(caller, request.bus(), I2cFunction.READ_BYTE);
        List<Integer> targets = new ArrayList<>();
        List<Integer> kernel = new ArrayList<>();
        List<Integer> skipped = new ArrayList<>();
        try {
            for (int address = first; address <= last; address++) {
                if (address == CLOCK_CHIPS && !asked) {
                    skipped.add(address);
                    continue;
                }
                switch (bus.probe(address)) {
                    case ANSWERS -> targets.add(address);
                    case KERNEL -> kernel.add(address);
                    case NOBODY -> { }
                }
            }
        } catch (DeviceException e) {
            throw e.refused();
        }
        return new BusTargets(targets, kernel, skipped);
    }

    private TransferResult transfer(Caller caller, Transfer request) throws Refused {
        boolean tenBits = request.tenBits().orElse(false);
        List<I2cMessage> messages = new ArrayList<>();
        for (Message message : request.messages()) {
            messages.add(message(message, message.address().orElse(request.address()), tenBits));
        }
        I2cBus bus = tenBits ? bus(caller, request.bus(), I2cFunction.I2C, I2cFunction.TEN_BIT_ADDRESSES)
                : bus(caller, request.bus(), I2cFunction.I2C);
        try {
            return new TransferResult(bus.transfer(messages));
        } catch (DeviceException e) {
            throw e.refused();
        }
    }

    private static I2cMessage message(Message message, int address, boolean tenBits) throws Refused {
        if (message.write().isPresent() == message.read().isPresent()) {
            throw Refused.badRequest("a message has either write or read");
        }
        if (!tenBits && address > 0x7F) {
            throw Refused.badRequest("0x%03x has more than 7 bits: add ten-bits=true".formatted(address));
        }
        return new I2cMessage(address, tenBits, message.write().orElse(Bytes.EMPTY),
                message.read().orElse(0));
    }

    private Done writeByte(Caller caller, ByteWrite request) throws Refused {
        boolean alone = request.register().isEmpty();
        SmbusCommand.Protocol protocol = alone ? SmbusCommand.Protocol.BYTE : SmbusCommand.Protocol.BYTE_DATA;
        run(caller, request.bus(), new SmbusCommand(request.address(), protocol, false,
                request.register().orElse(request.value()), alone ? Bytes.EMPTY : word(request.value(), 1), 0,
                request.pec().orElse(false)));
        return Done.DONE;
    }

    private ByteValue readByte(Caller caller, ByteRead request) throws Refused {
        SmbusCommand.Protocol protocol = request.register().isEmpty() ? SmbusCommand.Protocol.BYTE
                : SmbusCommand.Protocol.BYTE_DATA;
        return new ByteValue(number(run(caller, request.bus(),
                new SmbusCommand(request.address(), protocol, true, request.register().orElse(0), Bytes.EMPTY,
                0, request.pec().orElse(false)))));
    }

    private Done writeBlock(Caller caller, BlockWrite request) throws Refused {
        I2cBus bus = devices.get(caller, request.bus(), I2cBus.class);
        try {
            if (bus.functions().contains(I2cFunction.I2C)) {
                byte[] message = new byte[1 + request.data().length()];
                message[0] = (byte) request.register();
                request.data().copyTo(message, 1);
                bus.transfer(List.of(I2cMessage.write(request.address(), false, Bytes.wrap(message))));
                return Done.DONE;
            }
        } catch (DeviceException e) {
            throw e.refused();
        }
        refuseLong(request.bus(), request.data().length());
        run(caller, request.bus(), new SmbusCommand(request.address(), SmbusCommand.Protocol.I2C_BLOCK_DATA,
                false, request.register(), request.data(), 0, false));
        return Done.DONE;
    }

    private BlockData readBlock(Caller caller, BlockRead request) throws Refused {
        I2cBus bus = devices.get(caller, request.bus(), I2cBus.class);
        try {
            if (bus.functions().contains(I2cFunction.I2C)) {
                Bytes register = Bytes.wrap((byte) request.register());
                return new BlockData(bus.transfer(List.of(I2cMessage.write(request.address(), false,
                        register),
                        I2cMessage.read(request.address(), false, request.length()))).getFirst());
            }
        } catch (DeviceException e) {
            throw e.refused();
        }
        refuseLong(request.bus(), request.length());
        return new BlockData(run(caller, request.bus(), new SmbusCommand(request.address(),
                SmbusCommand.Protocol.I2C_BLOCK_DATA, true, request.register(), Bytes.EMPTY, request.length(),
                false)));
    }

    private static void refuseLong(String bus, int length) throws Refused {
        if (length > SmbusCommand.MAX_BLOCK) {
            throw Refused.badRequest("%s does SMBus only: %d bytes at a time, not %d".formatted(bus,
                    SmbusCommand.MAX_BLOCK, length));
        }
    }

    private SmbusAnswer smbus(Caller caller, SmbusRequest request) throws Refused {
        SmbusCommand.Protocol protocol = SmbusCommand.Protocol.valueOf(request.protocol().name());
        boolean both = request.protocol() == Protocol.PROC_CALL
                || request.protocol() == Protocol.BLOCK_PROC_CALL;
        boolean read = !both && request.read().orElse(false);
        Bytes data = read ? Bytes.EMPTY : written(request);
        Bytes answer = run(caller, request.bus(), new SmbusCommand(request.address(), protocol, read,
                request.command().orElse(0), data, request.length().orElse(SmbusCommand.MAX_BLOCK),
                request.pec().orElse(false)));
        if (!read && !both) {
            return new SmbusAnswer(Optional.empty(), Optional.empty());
        }
        return switch (request.protocol()) {
            case QUICK -> new SmbusAnswer(Optional.empty(), Optional.empty());
            case BYTE, BYTE_DATA, WORD_DATA, PROC_CALL ->
                new SmbusAnswer(Optional.of(number(answer)), Optional.empty());
            case BLOCK_DATA, BLOCK_PROC_CALL, I2C_BLOCK_DATA ->
                new SmbusAnswer(Optional.empty(), Optional.of(answer));
        };
    }

    private static Bytes written(SmbusRequest request) throws Refused {
        return switch (request.protocol()) {
            case QUICK, BYTE -> Bytes.EMPTY;
            case BYTE_DATA -> word(value(request, 0xFF), 1);
            case WORD_DATA, PROC_CALL -> word(value(request, 0xFFFF), 2);
            case BLOCK_DATA, BLOCK_PROC_CALL, I2C_BLOCK_DATA -> request.data().filter(it -> !it.isEmpty())
                    .orElseThrow(() -> Refused.badRequest("%s needs data".formatted(request.protocol())));
        };
    }

    private static int value(SmbusRequest request, int max) throws Refused {
        int value = request.value().orElseThrow(
                () -> Refused.badRequest("%s needs a value".formatted(request.protocol())));
        if (value > max) {
            throw Refused.badRequest("%s takes at most 0x%x, not 0x%x".formatted(request.protocol(), max,
                    value));
        }
        return value;
    }

    private Bytes run(Caller caller, String id, SmbusCommand command) throws Refused {
        I2cBus bus = command.pec() ? bus(caller, id, command.needs(), I2cFunction.PEC)
                : bus(caller, id, command.needs());
        try {
            return bus.smbus(command);
        } catch (DeviceException e) {
            throw e.refused();
        }
    }

    /** The bus, which can do all that. */
    private I2cBus bus(Caller caller, String id, I2cFunction... needed) throws Refused {
        I2cBus bus = devices.get(caller, id, I2cBus.class);
        try {
            Set<I2cFunction> functions = bus.functions();
            for (I2cFunction function : needed) {
                if (!functions.contains(function)) {
                    throw Refused.badRequest("the adapter of %s cannot do %s".formatted(id,
                            Function.valueOf(function.name())));
                }
            }
        } catch (DeviceException e) {
            throw e.refused();
        }
        return bus;
    }

    /** Low byte first. */
    private static Bytes word(int value, int length) {
        byte[] bytes = {(byte) value, (byte) (value >> 8)};
        return Bytes.wrap(bytes, 0, length);
    }

    private static int number(Bytes word) {
        int number = 0;
        for (int i = word.length() - 1; i >= 0; i--) {
            number = number << 8 | Byte.toUnsignedInt(word.at(i));
        }
        return number;
    }
}
