package org.myclerk.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import org.junit.jupiter.api.Test;

class QrTextTest {

    private static final String INVITATION = "hKF2AKRyb290xCD" + "x".repeat(180);

    /** Draws the characters as a dark terminal would and reads them as a phone would. */
    @Test
    void readsBackFromADarkTerminal() throws Exception {
        List<String> lines = QrText.of(INVITATION).lines().toList();
        int scale = 4;
        int width = lines.getFirst().length() * scale;
        int height = lines.size() * 2 * scale;
        int[] pixels = new int[width * height];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                char block = lines.get(y / scale / 2).charAt(x / scale);
                boolean light = block == '█' || block == (y / scale % 2 == 0 ? '▀' : '▄');
                pixels[y * width + x] = light ? 0xFFFFFF : 0;
            }
        }
        assertEquals(INVITATION, new QRCodeReader().decode(new BinaryBitmap(new HybridBinarizer(
                new RGBLuminanceSource(width, height, pixels)))).getText());
    }

    @Test
    void keepsAQuietZoneOfFourModules() {
        List<String> lines = QrText.of(INVITATION).lines().toList();
        assertEquals("█".repeat(lines.getFirst().length()), lines.getFirst());
        assertEquals(lines.getFirst(), lines.get(1));
        assertTrue(lines.stream().limit(lines.size() - 1L)
                .allMatch(line -> line.startsWith("████") && line.endsWith("████")));
    }
}
