package org.myclerk.runtime.cli;

import com.google.zxing.WriterException;
import com.google.zxing.qrcode.decoder.ErrorCorrectionLevel;
import com.google.zxing.qrcode.encoder.ByteMatrix;
import com.google.zxing.qrcode.encoder.Encoder;

/**
 * A QR code in characters, two modules each. Light modules are drawn, so that it reads on a dark terminal;
 * the quiet zone of four light modules (ISO/IEC 18004) is part of it.
 */
final class QrText {

    private static final int QUIET = 4;

    private QrText() {
    }

    static String of(String text) {
        ByteMatrix code;
        try {
            code = Encoder.encode(text, ErrorCorrectionLevel.L).getMatrix();
        } catch (WriterException tooLong) {
            throw new IllegalArgumentException("does not fit a QR code: " + tooLong.getMessage(), tooLong);
        }
        int size = code.getWidth() + 2 * QUIET;
        StringBuilder result = new StringBuilder();
        for (int y = 0; y < size; y += 2) {
            for (int x = 0; x < size; x++) {
                boolean above = light(code, x, y);
                boolean below = light(code, x, y + 1);
                result.append(above ? below ? '█' : '▀' : below ? '▄' : ' ');
            }
            result.append('\n');
        }
        return result.toString();
    }

    private static boolean light(ByteMatrix code, int x, int y) {
        int column = x - QUIET;
        int row = y - QUIET;
        if (row >= code.getHeight() + QUIET) {
            return false;
        }
        return column < 0 || row < 0 || column >= code.getWidth() || row >= code.getHeight()
                || code.get(column, row) == 0;
    }
}
