package org.myclerk.api.payload;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Writes MessagePack in any form that holds the value, chosen at random, as other encoders may. */
final class LongForms {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);
    private final Random random;

    LongForms(Random random) {
        this.random = random;
    }

    Bytes toBytes() {
        return Bytes.wrap(bytes.toByteArray());
    }

    void any(Object value) throws IOException {
        switch (value) {
            case null -> out.write(0xC0);
            case Boolean b -> out.write(b ? 0xC3 : 0xC2);
            case Long number -> integer(number);
            case Double real -> real(real);
            case String text -> text(text);
            case Bytes data -> {
                header(data.length(), 0, -1, 0xC4, 0xC5, 0xC6);
                out.write(data.toArray());
            }
            case List<?> list -> {
                header(list.size(), 16, 0x90, -1, 0xDC, 0xDD);
                for (Object element : list) {
                    any(element);
                }
            }
            case Map<?, ?> map -> {
                header(map.size(), 16, 0x80, -1, 0xDE, 0xDF);
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    text((String) entry.getKey());
                    any(entry.getValue());
                }
            }
            default -> throw new AssertionError(value.getClass());
        }
    }

    private void text(String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        header(utf8.length, 32, 0xA0, 0xD9, 0xDA, 0xDB);
        out.write(utf8);
    }

    private void real(double real) throws IOException {
        if ((float) real == real && random.nextBoolean()) {
            out.write(0xCA);
            out.writeFloat((float) real);
        } else {
            out.write(0xCB);
            out.writeDouble(real);
        }
    }

    /** A length in any of the forms the type has; -1 for one it lacks. */
    private void header(int length, int few, int tiny, int one, int two, int four) throws IOException {
        while (true) {
            switch (random.nextInt(4)) {
                case 0 -> {
                    if (length < few) {
                        out.write(tiny | length);
                        return;
                    }
                }
                case 1 -> {
                    if (one >= 0 && length <= 0xFF) {
                        out.write(one);
                        out.write(length);
                        return;
                    }
                }
                case 2 -> {
                    if (length <= 0xFFFF) {
                        out.write(two);
                        out.writeShort(length);
                        return;
                    }
                }
                default -> {
                    out.write(four);
                    out.writeInt(length);
                    return;
                }
            }
        }
    }

    private void integer(long value) throws IOException {
        int size = random.nextInt(4);
        boolean unsigned = value >= 0 && random.nextBoolean();
        if (random.nextInt(4) == 0 && value >= -32 && value < 128) {
            out.write((int) value);
            return;
        }
        while (size < 3 && (unsigned ? value >>> (8 << size) != 0
                : value != value << 64 - (8 << size) >> 64 - (8 << size))) {
            size++;
        }
        out.write((unsigned ? 0xCC : 0xD0) + size);
        for (int shift = (8 << size) - 8; shift >= 0; shift -= 8) {
            out.write((int) (value >>> shift));
        }
    }
}
