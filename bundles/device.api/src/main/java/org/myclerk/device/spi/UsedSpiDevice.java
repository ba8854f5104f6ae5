package org.myclerk.device.spi;

import java.util.List;
import java.util.Map;

import org.myclerk.api.device.Lease;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.device.DeviceException;
import org.myclerk.device.UsedDevice;

/** An SPI device that a node has open, and its settings. */
public final class UsedSpiDevice extends UsedDevice<SpiDevice, OpenSpiDevice> {

    private volatile SpiSettings settings;

    public UsedSpiDevice(Lease lease, SpiSettings settings) {
        super(SpiDevice.class, lease);
        this.settings = settings;
    }

    /** The device as it was open before this class was replaced: {@code state} is what that said. */
    public static UsedSpiDevice of(Lease lease, Map<String, Object> state) {
        return new UsedSpiDevice(lease, SpiSettings.of((List<?>) state.get("settings")));
    }

    @Override
    public Map<String, Object> state() {
        return Map.of("settings", settings.toList());
    }

    @Override
    protected OpenSpiDevice open(SpiDevice device) throws DeviceException {
        return device.open(settings);
    }

    @Override
    protected void close(OpenSpiDevice opened, boolean sound) {
        opened.close();
    }

    /** Changes all settings; if that fails those before stay in force. */
    public void configure(SpiSettings wanted) throws Refused, DeviceException {
        driver().configure(wanted);
        settings = wanted;
    }
}
