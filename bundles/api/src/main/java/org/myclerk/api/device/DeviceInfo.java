package org.myclerk.api.device;

import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.Size;

/**
 * What is known of a device; also a payload.
 *
 * @param id survives re-plugging and restart: made of bus, vendor, serial number or port path, in that order
 *     of preference
 * @param kind the bus or function, lower case: {@code serial}, {@code gpio}, {@code i2c}
 * @param name for people
 * @param place where it sits, for people: {@code /dev/ttyUSB0}, {@code USB 1-2}
 * @param properties capabilities of the kind, by name
 * @param simulated whether no hardware stands behind it
 */
public record DeviceInfo(@Size(min = 1, max = 128) String id, @Size(min = 1, max = 32) String kind,
        @Size(max = 128) String name, @Size(max = 256) String place, Fields properties, boolean simulated) {

    /**
     * Property of a device that is lent by another node and only passed on: the ids of the nodes it comes
     * through, in hexadecimal, separated by commas. It is never routed to one of them.
     */
    public static final String LENT_BY = "lent-by";

    /**
     * Property of a device that gives physical access, as a door lock does: {@code true}. It is used at tier
     * 3 or higher only (profile §16). An administrator marks others with {@link Setting#PHYSICAL_ACCESS}, and
     * unmarks none of these.
     */
    public static final String PHYSICAL_ACCESS = "physical-access";
}
