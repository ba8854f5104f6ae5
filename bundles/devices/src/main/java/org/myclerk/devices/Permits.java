package org.myclerk.devices;

import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Who;

/** What the registry asks of the rights. */
interface Permits {

    /** Everything is shared with everybody, for programs that embed the registry without rights. */
    Permits ALL = new Permits() {

        @Override
        public AccessMode mode(Who who, String device) {
            return AccessMode.READ_WRITE;
        }

        @Override
        public boolean shared(String device) {
            return true;
        }
    };

    /** How a device is shared with a node now. */
    AccessMode mode(Who who, String device);

    /** Whether a device is shared with anybody. */
    boolean shared(String device);
}
