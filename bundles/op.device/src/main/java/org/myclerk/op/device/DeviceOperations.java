package org.myclerk.op.device;

import static org.myclerk.api.operation.Operation.call;

import org.myclerk.api.device.DeviceView;
import org.myclerk.api.operation.Audience;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;

/** Table 5, Device Management Operations (§6.2.1). */
public final class DeviceOperations {

    /** Those shared with the caller; for an administrator, those shared with anybody. */
    public static final Operation<DevicePage, DeviceList> DEVICE_LIST =
            call(0x0200, "DEVICE_LIST", "List available devices", DevicePage.class, DeviceList.class)
                    .audience(Audience.SHARERS);

    public static final Operation<DeviceRef, DeviceView> DEVICE_INFO =
            call(0x0201, "DEVICE_INFO", "Get device information", DeviceRef.class, DeviceView.class);

    /**
     * Begins with what the caller sees and goes on with what happens to it; no event is missed or doubled.
     */
    public static final Operation<None, DeviceNews> DEVICE_SUBSCRIBE =
            call(0x0202, "DEVICE_SUBSCRIBE", "Subscribe to device events", None.class, DeviceNews.class)
                    .followed().audience(Audience.SHARERS);

    public static final Operation<Subscription, Done> DEVICE_UNSUBSCRIBE =
            call(0x0203, "DEVICE_UNSUBSCRIBE", "Unsubscribe from device", Subscription.class, Done.class)
                    .audience(Audience.SHARERS);

    /** Needs the right to write. */
    public static final Operation<DeviceLock, DeviceView> DEVICE_LOCK =
            call(0x0204, "DEVICE_LOCK", "Lock device for exclusive use", DeviceLock.class, DeviceView.class);

    public static final Operation<DeviceRef, DeviceView> DEVICE_UNLOCK =
            call(0x0205, "DEVICE_UNLOCK", "Release device lock", DeviceRef.class, DeviceView.class);

    public static final Operation<DeviceConfiguration, DeviceView> DEVICE_CONFIGURE =
            call(0x0206, "DEVICE_CONFIGURE", "Configure device parameters", DeviceConfiguration.class,
                    DeviceView.class).audience(Audience.ADMINISTRATORS);

    public static final Operation<DeviceRef, DeviceCapabilities> DEVICE_CAPABILITIES =
            call(0x0207, "DEVICE_CAPABILITIES", "Query device capabilities", DeviceRef.class,
                    DeviceCapabilities.class);

    /** Shared or not. */
    public static final Operation<DevicePage, DeviceList> DEVICE_DISCOVER =
            call(0x020B, "DEVICE_DISCOVER", "List all connected devices (including unshared)",
            DevicePage.class,
                    DeviceList.class).audience(Audience.HUBS);

    public static final OperationTable TABLE = OperationTable.of("device", 0x0200, 0x020F, DEVICE_LIST,
            DEVICE_INFO, DEVICE_SUBSCRIBE, DEVICE_UNSUBSCRIBE, DEVICE_LOCK, DEVICE_UNLOCK, DEVICE_CONFIGURE,
            DEVICE_CAPABILITIES, DEVICE_DISCOVER);

    private DeviceOperations() {
    }
}
