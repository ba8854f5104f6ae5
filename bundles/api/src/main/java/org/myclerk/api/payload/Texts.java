package org.myclerk.api.payload;

/**
 * The few texts that come again and again, such as the ids of devices: who names the same one gets the same
 * string, with its hash. Thread-safe.
 */
final class Texts {

    private static final int PLACES = 16;
    private static final int LONGEST = 64;

    private final Known[] known = new Known[PLACES];

    private record Known(byte[] utf8, String text) {
    }

    /** Takes a text of so many bytes at the reader's position. */
    String read(MessagePackReader in, int length) {
        if (length == 0 || length > LONGEST) {
            return in.text(length);
        }
        int place = in.last(length) + length & PLACES - 1;
        Known candidate = known[place];
        if (candidate != null && in.matches(candidate.utf8, in.position(), length)) {
            in.position(in.position() + length);
            return candidate.text;
        }
        byte[] utf8 = in.bytes(length);
        String text = in.text(length);
        known[place] = new Known(utf8, text);
        return text;
    }
}
