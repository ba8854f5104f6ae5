package org.myclerk.core.session;

import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** Gives the bytes of a script, each piece as long as asked for. */
final class ScriptedRandom implements RandomGenerator {

    private final ArrayDeque<byte[]> script = new ArrayDeque<>();

    static ScriptedRandom of(byte[]... pieces) {
        ScriptedRandom random = new ScriptedRandom();
        for (byte[] piece : pieces) {
            random.script.add(piece);
        }
        return random;
    }

    static ScriptedRandom ofHex(String... pieces) {
        ScriptedRandom random = new ScriptedRandom();
        for (String piece : pieces) {
            random.script.add(HexFormat.of().parseHex(piece));
        }
        return random;
    }

    @Override
    public void nextBytes(byte[] bytes) {
        byte[] piece = script.poll();
        if (piece == null || piece.length != bytes.length) {
            throw new AssertionError("the script has %s, asked for %d bytes"
                    .formatted(piece == null ? "ended" : piece.length + " bytes next", bytes.length));
        }
        System.arraycopy(piece, 0, bytes, 0, piece.length);
    }

    @Override
    public long nextLong() {
        throw new AssertionError("only bytes are scripted");
    }

    boolean isEmpty() {
        return script.isEmpty();
    }
}
