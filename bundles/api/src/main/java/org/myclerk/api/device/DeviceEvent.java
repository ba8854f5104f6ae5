package org.myclerk.api.device;

import org.myclerk.api.payload.WireNumber;

/** Something that happened to a device; also a payload. */
public record DeviceEvent(Kind kind, DeviceView device) {

    /** What happened. */
    public enum Kind implements WireNumber {
        /** It was there when the subscription began. */
        PRESENT(0),
        /** It was plugged in, or shared with the caller. */
        APPEARED(1),
        /** It was unplugged, or is no longer shared with the caller. */
        VANISHED(2),
        /** Somebody took it into use or gave it back, or it was configured. */
        CHANGED(3),
        LOCKED(4),
        UNLOCKED(5);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        @Override
        public int number() {
            return number;
        }
    }
}
