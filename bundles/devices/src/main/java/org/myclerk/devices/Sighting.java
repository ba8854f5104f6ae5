package org.myclerk.devices;

/**
 * A device that people have named, placed, marked or shared, as it was when it was last seen; also what is
 * kept.
 *
 * @param lastSeen when it came or went, Unix seconds
 */
public record Sighting(String device, String kind, String name, String at, boolean simulated,
        boolean physicalAccess, long lastSeen) {

    /** Whether it says the same of the device as another, be that older or not. */
    boolean sameAs(Sighting other) {
        return other != null && at(0).equals(other.at(0));
    }

    private Sighting at(long time) {
        return new Sighting(device, kind, name, at, simulated, physicalAccess, time);
    }
}
