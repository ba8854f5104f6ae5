package org.myclerk.backend.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.device.DeviceException;
import org.myclerk.device.spi.OpenSpiDevice;
import org.myclerk.device.spi.SpiDevice;
import org.myclerk.device.spi.SpiSegment;
import org.myclerk.device.spi.SpiSettings;

/** A chip select of an SPI bus without hardware. */
final class SimSpiDevice implements SpiDevice, SimDevice {

    /** Who is selected; a device's users take turns. */
    interface Chip {

        /** Chip select went active. */
        void select();

        /** @return what comes in while this goes out */
        byte exchange(byte out);
    }

    private static final int BUFFER_SIZE = 4096;
    private static final long FASTEST_HZ = 50_000_000;
    private static final SpiSettings USUAL = new SpiSettings(0, 1_000_000, 8, false, false, false, false,
            false);

    private final String id;
    private final int chipSelect;
    private final Chip chip;
    private final Faults faults;
    private boolean unplugged;

    SimSpiDevice(String id, int chipSelect, Chip chip, Faults faults) {
        this.id = id;
        this.chipSelect = chipSelect;
        this.chip = chip;
        this.faults = faults;
    }

    @Override
    public Fields properties() {
        return SpiDevice.super.properties();
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
    public int bus() {
        return 0;
    }

    @Override
    public int chipSelect() {
        return chipSelect;
    }

    @Override
    public int bufferSize() {
        return BUFFER_SIZE;
    }

    @Override
    public SpiSettings settings() {
        return USUAL;
    }

    @Override
    public synchronized OpenSpiDevice open(SpiSettings settings) throws DeviceException {
        check();
        Opened opened = new Opened();
        opened.configure(settings);
        return opened;
    }

    private void check() throws DeviceException {
        if (unplugged) {
            throw new DeviceException(ErrorCode.NOT_FOUND, "%s: No such device (simulated)".formatted(id));
        }
    }

    /** The device in use; the device guards it. */
    private final class Opened implements OpenSpiDevice {

        private SpiSettings settings = USUAL;
        private boolean closed;

        @Override
        public SpiSettings settings() {
            synchronized (SimSpiDevice.this) {
                return settings;
            }
        }

        @Override
        public void configure(SpiSettings wanted) throws DeviceException {
            synchronized (SimSpiDevice.this) {
                checkOpen();
                if (wanted.speedHz() > FASTEST_HZ || wanted.bitsPerWord() != 8) {
                    throw new DeviceException(ErrorCode.BAD_REQUEST,
                            "%s runs at up to %d Hz with 8 bits a word: Invalid argument (simulated)"
                                    .formatted(id, FASTEST_HZ));
                }
                settings = wanted;
            }
        }

        @Override
        public List<Bytes> transfer(List<SpiSegment> segments) throws DeviceException {
            synchronized (SimSpiDevice.this) {
                checkOpen();
                faults.write();
                LockSupport.parkNanos(faults.latency().toNanos());
                List<Bytes> received = new ArrayList<>();
                boolean selected = false;
                for (SpiSegment segment : segments) {
                    if (!selected) {
                        chip.select();
                    }
                    byte[] in = new byte[segment.length()];
                    for (int i = 0; i < in.length; i++) {
                        in[i] = chip.exchange(segment.send().isEmpty() ? 0 : segment.send().at(i));
                    }
                    received.add(Bytes.wrap(in));
                    selected = !segment.chipSelectChange();
                }
                return received;
            }
        }

        private void checkOpen() throws DeviceException {
            check();
            if (closed) {
                throw new DeviceException(ErrorCode.SERVICE_UNAVAILABLE, id + ": the device was closed");
            }
        }

        @Override
        public void close() {
            synchronized (SimSpiDevice.this) {
                closed = true;
            }
        }
    }
}
