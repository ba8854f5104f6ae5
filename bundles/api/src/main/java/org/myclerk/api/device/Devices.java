package org.myclerk.api.device;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The registry of what is plugged in. Handlers ask it by id for each request and keep no reference to a
 * driver. Thread-safe.
 */
@ProviderType
public interface Devices {

    /** What a caller may know of a device. */
    record Listed(DeviceInfo info, Optional<String> holder) {
    }

    /** The devices of a driver type that the caller may see, in the order of their ids. */
    List<Listed> visibleTo(Caller caller, Class<?> driver);

    /**
     * The driver object of a device.
     *
     * @throws Refused NOT_FOUND if there is none of that id and type that the caller may see; FORBIDDEN if
     *     another holds it alone, with the holder's name
     */
    <D> D get(Caller caller, String id, Class<D> driver) throws Refused;

    /**
     * Takes a device. If the caller's node holds it from a session that has ended, that lease is returned.
     *
     * @throws Refused as {@link #get}, and FORBIDDEN if it is held in a way that excludes this, naming the
     *     holder
     */
    Lease lease(Caller caller, String id, Lease.Mode mode) throws Refused;

    /** The lease that the caller's node holds on a device and may use over this session, if it does. */
    Optional<Lease> leaseOf(Caller caller, String id);

    /** What is plugged in under that id, whoever may see it; for those that administer devices. */
    default Optional<DeviceInfo> find(String id) {
        return device(id).map(Device::info);
    }

    /** What is held of a device now, by whomever; for those that administer devices. */
    List<Lease> held(String id);

    /**
     * Holds a device for a node that need not be connected, as a route does. It has no end of its own; the
     * node may take further leases beside it.
     *
     * @param name the node's, for those who are refused
     * @throws Refused NOT_FOUND if there is no such device, FORBIDDEN if another node holds it, naming the
     *     holder
     */
    Lease reserve(String id, Bytes node, String name) throws Refused;

    /**
     * Gives everything that one node holds of a device to another in one step: nobody gets in between, and
     * what rests on the leases, an open port for instance, stays open. The calls of the node before that
     * follow the device end; the next one goes on with its own. What was moved ends a grace after the last
     * session of its new holder, and what was reserved stays.
     *
     * @param name the new holder's
     * @return whether anything was held; a device that the node has locked stays with it
     */
    boolean hand(String id, Bytes from, Bytes to, String name);

    /**
     * The devices shared with a caller, in the order of their ids; for an administrator, those shared with
     * anybody.
     *
     * @param after id after which to begin; "" for the start
     */
    List<DeviceView> list(Caller caller, String after, int limit);

    /** All devices, shared or not, in the order of their ids. */
    List<DeviceView> discover(Caller caller, String after, int limit);

    /**
     * The devices that have a name, a place, a mark or a right here and are not plugged in, in the order of
     * their ids: those shared with the caller, or all for administrators and hubs.
     *
     * @param after id after which to begin; "" for the start
     */
    List<DeviceView> away(Caller caller, String after, int limit);

    /** @throws Refused NOT_FOUND if there is none of that id, plugged in or away, that the caller may see */
    DeviceView view(Caller caller, String id) throws Refused;

    /** What is plugged in under that id with its driver, whoever may see it; empty if nothing is. */
    Optional<Device> device(String id);

    /**
     * Locks a device for the caller's node, or renews its lock: no other node can use it until the time is
     * over, the lock is given back, or a grace has passed after the caller's session. It waits for a device
     * that is unplugged meanwhile, and for a node that is restarted.
     *
     * @param takeOver whether to end what others hold; for administrators
     * @throws Refused as {@link #lease}
     */
    DeviceView lock(Caller caller, String id, Duration time, boolean takeOver) throws Refused;

    /** @throws Refused BAD_REQUEST if the caller's node has not locked it */
    DeviceView unlock(Caller caller, String id) throws Refused;

    /**
     * Names a device, says where it stands, and sets its parameters; all of it is kept. One that is away has
     * no parameters but {@link Setting#PHYSICAL_ACCESS}, which every device has.
     *
     * @param name empty to leave it, "" for the driver's
     * @param place empty to leave it, "" for none
     * @throws Refused BAD_REQUEST for a parameter it does not have or a value that does not take; nothing was
     *     changed
     */
    DeviceView configure(Caller caller, String id, Optional<String> name, Optional<String> place,
            Fields values)
            throws Refused;

    /**
     * What a caller may see, and everything that happens to it from that moment on: no event is missed or
     * doubled in between. Administrators and hubs see all devices.
     *
     * @param listener called in order on a thread that must not be blocked
     */
    Following follow(Caller caller, Consumer<DeviceEvent> listener);

    /**
     * A view of the devices that goes on.
     *
     * @param present what was there when it began, in the order of ids
     * @param end ends it
     */
    record Following(List<DeviceView> present, Subscription end) {
    }

    /**
     * Says that a handler serves devices of a driver type. What is kept with leases on them
     * ({@link Lease#use}) ends when none does any more; while bundles are being replaced it waits for the
     * next version.
     *
     * @return to be closed when the handler stops
     */
    default Subscription serving(Class<?> driver) {
        return () -> { };
    }

    /**
     * As {@link #serving(Class)}, for a handler that has a part in what is open.
     *
     * @param again makes what was open anew after its own class was replaced, from what
     *     {@link Lease.Use#state} said; the lease then has it suspend until the driver is there. Whatever it
     *     throws says that it cannot read the state: nothing is open then. Must not block
     * @param adopt is told of all that is kept with leases on such devices: of what there is before this
     *     returns, then of what comes, perhaps more than once of the same; must not block
     */
    default Subscription serving(Class<?> driver, BiFunction<Lease, Map<String, Object>, Lease.Use> again,
            Consumer<Lease.Use> adopt) {
        return serving(driver);
    }

    /** Tells a listener what comes and goes from now on, on a thread that must not be blocked. */
    Subscription watch(Watcher watcher);

    /** Learns of devices. */
    interface Watcher {

        void appeared(DeviceInfo device);

        void vanished(DeviceInfo device);
    }
}
