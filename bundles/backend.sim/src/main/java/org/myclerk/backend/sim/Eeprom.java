package org.myclerk.backend.sim;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import org.myclerk.api.payload.Bytes;

/** An EEPROM of 256 bytes (24C02 data sheet): a word address, then data; reading goes on from the address. */
final class Eeprom implements SimI2cBus.Target {

    private final byte[] cells = new byte[256];
    private int address;

    Eeprom() {
        Arrays.fill(cells, (byte) 0xFF);
        byte[] label = "MyClerk demo EEPROM".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(label, 0, cells, 0, label.length);
    }

    @Override
    public void write(Bytes message) {
        if (!message.isEmpty()) {
            address = message.at(0) & 0xFF;
        }
        for (int i = 1; i < message.length(); i++) {
            cells[address++ & 0xFF] = message.at(i);
        }
    }

    @Override
    public Bytes read(int length) {
        byte[] read = new byte[length];
        for (int i = 0; i < length; i++) {
            read[i] = cells[address++ & 0xFF];
        }
        return Bytes.wrap(read);
    }
}
