package org.myclerk.backend.sim;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.device.DeviceException;
import org.myclerk.device.onewire.OneWireBus;
import org.myclerk.device.onewire.RomCode;

/** A 1-Wire bus whose devices all hear every byte; what they say together is the AND of their bits. */
final class SimOneWireBus implements OneWireBus, SimDevice {

    /** A device on the wire; the bus's lock guards it. */
    interface Slave {

        RomCode rom();

        boolean alarmed();

        void reset();

        void hear(int octet);

        /** What it says next; 0xFF if nothing. */
        int say();
    }

    private final String id;
    private final List<? extends Slave> slaves;
    private final Faults faults;
    private final ReentrantLock turn = new ReentrantLock();
    private volatile boolean unplugged;

    SimOneWireBus(String id, List<? extends Slave> slaves, Faults faults) {
        this.id = id;
        this.slaves = slaves;
        this.faults = faults;
    }

    @Override
    public Fields properties() {
        return Fields.of(Map.of());
    }

    @Override
    public void plug() {
        unplugged = false;
    }

    @Override
    public void unplug() {
        unplugged = true;
    }

    @Override
    public List<RomCode> search(boolean alarmed) throws DeviceException, InterruptedException {
        begin();
        try {
            return slaves.stream().filter(slave -> !alarmed || slave.alarmed()).map(Slave::rom).toList();
        } finally {
            turn.unlock();
        }
    }

    @Override
    public Outcome run(List<Step> steps) throws DeviceException, InterruptedException {
        begin();
        try {
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            for (Step step : steps) {
                switch (step) {
                    case Step.Reset() -> {
                        slaves.forEach(Slave::reset);
                        if (slaves.isEmpty()) {
                            return new Outcome(false, Bytes.EMPTY);
                        }
                    }
                    case Step.Write(Bytes data) -> {
                        for (int i = 0; i < data.length(); i++) {
                            int octet = data.at(i) & 0xFF;
                            slaves.forEach(slave -> slave.hear(octet));
                        }
                    }
                    case Step.Read(int length) -> {
                        for (int i = 0; i < length; i++) {
                            read.write(slaves.stream().mapToInt(Slave::say).reduce(0xFF, (a, b) -> a & b));
                        }
                    }
                }
            }
            return new Outcome(true, Bytes.wrap(read.toByteArray()));
        } finally {
            turn.unlock();
        }
    }

    private void begin() throws DeviceException, InterruptedException {
        turn.lockInterruptibly();
        try {
            faults.write();
            if (!faults.latency().isZero()) {
                new CountDownLatch(1).await(faults.latency().toNanos(), TimeUnit.NANOSECONDS);
            }
            if (unplugged) {
                throw new DeviceException(ErrorCode.NOT_FOUND,
                        "%s: No such device (simulated)".formatted(id));
            }
        } catch (DeviceException | InterruptedException e) {
            turn.unlock();
            throw e;
        }
    }

    @Override
    public Quiet quiet() {
        return () -> { };
    }
}
