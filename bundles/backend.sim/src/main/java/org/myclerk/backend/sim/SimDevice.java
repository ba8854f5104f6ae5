package org.myclerk.backend.sim;

import org.myclerk.api.payload.Fields;

/** A device of the zoo, beside what it offers on its bus. */
interface SimDevice {

    /** For its description. */
    Fields properties();

    void plug();

    /** Takes it away from whoever uses it. */
    void unplug();
}
