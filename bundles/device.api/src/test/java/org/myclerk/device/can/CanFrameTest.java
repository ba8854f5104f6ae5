package org.myclerk.device.can;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.myclerk.api.payload.Bytes;
import org.myclerk.device.can.CanFilter.Which;
import org.myclerk.device.can.CanFrame.Kind;
import org.myclerk.device.can.CanFrame.Origin;

final class CanFrameTest {

    private static CanFrame frame(Kind kind, int id, boolean extended, int dlc, int length) {
        return new CanFrame(kind, id, extended, false, false, dlc, Bytes.wrap(new byte[length]), 0,
                Origin.BUS);
    }

    @ParameterizedTest
    @CsvSource({"CLASSIC,0,0", "CLASSIC,8,8", "FD,8,8", "FD,12,9", "FD,16,10", "FD,20,11", "FD,24,12",
            "FD,32,13",
        "FD,48,14", "FD,64,15"})
    void knowsTheLengthCodes(Kind kind, int length, int dlc) {
        assertEquals(dlc, CanFrame.dlc(kind, length));
        assertDoesNotThrow(() -> frame(kind, 1, false, dlc, length));
    }

    @ParameterizedTest
    @CsvSource({"CLASSIC,9", "CLASSIC,64", "FD,9", "FD,11", "FD,13", "FD,63", "FD,65"})
    void refusesLengthsWithoutACode(Kind kind, int length) {
        assertThrows(IllegalArgumentException.class, () -> CanFrame.dlc(kind, length));
    }

    @Test
    void refusesWhatIsNoFrame() {
        assertThrows(IllegalArgumentException.class, () -> frame(Kind.CLASSIC, 0x800, false, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> frame(Kind.CLASSIC, 0x2000_0000, true, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> frame(Kind.CLASSIC, -1, true, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> frame(Kind.CLASSIC, 1, false, 16, 8));
        assertThrows(IllegalArgumentException.class, () -> frame(Kind.CLASSIC, 1, false, 3, 4));
        assertThrows(IllegalArgumentException.class, () -> frame(Kind.REMOTE, 1, false, 4, 4));
        assertThrows(IllegalArgumentException.class, () -> new CanFrame(Kind.CLASSIC, 1, false, true, false,
                0, Bytes.EMPTY, 0, Origin.BUS));
        assertDoesNotThrow(() -> frame(Kind.CLASSIC, 1, false, 12, 8));
        assertDoesNotThrow(() -> frame(Kind.REMOTE, 1, false, 8, 0));
        assertDoesNotThrow(() -> frame(Kind.ERROR, 0x40, false, 8, 8));
    }

    @Test
    void filtersAsTheKernelDoes() {
        CanFilter low = new CanFilter(0x100, 0x700, Which.EITHER, Which.EITHER, false);
        CanFilter not = new CanFilter(0x123, 0x7FF, Which.NO, Which.EITHER, true);
        CanFrame a = frame(Kind.CLASSIC, 0x123, false, 0, 0);
        CanFrame b = frame(Kind.CLASSIC, 0x124, false, 0, 0);
        CanFrame c = frame(Kind.CLASSIC, 0x123, true, 0, 0);
        CanFrame error = frame(Kind.ERROR, 0x40, false, 8, 8);
        assertEquals(List.of(true, true, true), List.of(low.passes(a), low.passes(b), low.passes(c)));
        assertEquals(List.of(false, true, true), List.of(not.passes(a), not.passes(b), not.passes(c)));
        assertEquals(true, CanFilter.pass(List.of(low, not), false, a));
        assertEquals(false, CanFilter.pass(List.of(low, not), true, a));
        assertEquals(true, CanFilter.pass(List.of(), true, a));
        assertEquals(true, CanFilter.pass(List.of(not), true, error));
        CanFilter remote = new CanFilter(0, 0, Which.EITHER, Which.YES, false);
        assertEquals(false, remote.passes(a));
        assertEquals(true, remote.passes(frame(Kind.REMOTE, 5, false, 2, 0)));
    }
}
