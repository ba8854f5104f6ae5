package org.myclerk.device.onewire;

import java.util.HexFormat;

import org.myclerk.api.payload.Bytes;

/**
 * The address of a 1-Wire device: family, 48-bit serial number, CRC-8.
 *
 * @param bytes 8 bytes as they travel: the family first, the serial number from its lowest byte, the CRC last
 */
public record RomCode(Bytes bytes) {

    public static final int LENGTH = 8;

    /** @throws IllegalArgumentException if it has not 8 bytes or the CRC is wrong */
    public RomCode {
        if (bytes.length() != LENGTH) {
            throw new IllegalArgumentException("a ROM code has 8 bytes, got " + bytes.length());
        }
        if (Crc8.of(bytes) != 0) {
            throw new IllegalArgumentException("the CRC of ROM code %s is wrong".formatted(bytes.toHex()));
        }
    }

    /** The family code, such as 0x28 for a DS18B20. */
    public int family() {
        return bytes.at(0) & 0xFF;
    }

    /**
     * As the Linux kernel writes it: {@code 28-0000066a1f2c}, family and serial number from its highest byte.
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("%02x-".formatted(family()));
        for (int i = 6; i > 0; i--) {
            HexFormat.of().toHexDigits(text, bytes.at(i));
        }
        return text.toString();
    }

    /**
     * Reads the kernel's form, or the 16 hexadecimal digits of the bytes.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static RomCode parse(String text) {
        if (text.matches("[0-9a-fA-F]{16}")) {
            return new RomCode(Bytes.ofHex(text));
        }
        if (!text.matches("[0-9a-fA-F]{2}-[0-9a-fA-F]{12}")) {
            throw new IllegalArgumentException("\"%s\" is no ROM code: write it as 28-0123456789ab".formatted(
                    text));
        }
        byte[] code = new byte[LENGTH];
        code[0] = (byte) HexFormat.fromHexDigits(text, 0, 2);
        for (int i = 1; i < 7; i++) {
            int from = 3 + 2 * (6 - i);
            code[i] = (byte) HexFormat.fromHexDigits(text, from, from + 2);
        }
        code[7] = (byte) Crc8.of(Bytes.copyOf(code, 0, 7));
        return new RomCode(Bytes.wrap(code));
    }
}
