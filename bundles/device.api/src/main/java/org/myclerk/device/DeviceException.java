package org.myclerk.device;

import java.io.IOException;
import java.util.Objects;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Refused;

/** A driver could not do what it was asked to; the device may still be usable. */
public class DeviceException extends IOException {

    private final transient ErrorCode code;

    /**
     * @param code what a remote caller is told
     * @param message for people: what failed, on which device, and the reason
     */
    public DeviceException(ErrorCode code, String message) {
        super(message);
        this.code = Objects.requireNonNull(code);
    }

    public ErrorCode code() {
        return code;
    }

    /** The same for the peer that asked. */
    public Refused refused() {
        return new Refused(code, getMessage());
    }
}
