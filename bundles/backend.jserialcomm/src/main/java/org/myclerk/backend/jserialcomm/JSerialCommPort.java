package org.myclerk.backend.jserialcomm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

import org.myclerk.device.serial.OpenSerialPort;
import org.myclerk.device.serial.SerialPort;
import org.myclerk.device.serial.SerialSettings;

/** A serial port of this machine, through jSerialComm. */
final class JSerialCommPort implements SerialPort {

    private final PortScan.Found found;

    JSerialCommPort(PortScan.Found found) {
        this.found = found;
    }

    @Override
    public Set<Feature> features() {
        return found.features();
    }

    @Override
    public OpenSerialPort open(SerialSettings settings) throws IOException {
        Path path = found.path();
        if (!Files.exists(path)) {
            throw new IOException("%s is gone".formatted(path));
        }
        if (!Files.isReadable(path) || !Files.isWritable(path)) {
            throw new IOException("no right to use %s: add the node's user to the group of that file (%s)"
                    .formatted(path, Files.getAttribute(path, "posix:group")));
        }
        return new OpenJSerialCommPort(path, settings, found.wire());
    }
}
