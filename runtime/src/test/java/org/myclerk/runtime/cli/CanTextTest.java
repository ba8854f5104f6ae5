package org.myclerk.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.op.can.CanFilter;
import org.myclerk.op.can.CanFrame;
import org.myclerk.op.can.FrameKind;

/** What can-utils 2020.11 read and wrote for the same frames. */
class CanTextTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, value = {
        "123#DEADBEEF|123   [4]  DE AD BE EF",
        "5AA#|5AA   [0] ",
        "00000123#|00000123   [0] ",
        "1F334455#1122334455667788|1F334455   [8]  11 22 33 44 55 66 77 88",
        "005#R4|005   [4]  remote request",
        "005#R|005   [0]  remote request",
        "213##711|213  [01]  11",
        "01234567##5000102030405060708090A0B|01234567  [12]  00 01 02 03 04 05 06 07 08 09 0A 0B",
        "20000040#0000000000000000|20000040   [8]  00 00 00 00 00 00 00 00   ERRORFRAME"})
    void writesFramesAsCandumpDoesAndReadsThemAgain(String compact, String shown) throws Failure {
        CanFrame frame = CanText.frame(compact);
        assertEquals(compact, CanText.compact(frame));
        assertEquals(shown, CanText.shown(frame, false, false));
    }

    @Test
    void showsTextAndDirectionIfAsked() throws Failure {
        CanFrame frame = CanText.frame("123#41422A00");
        assertEquals("123   [4]  41 42 2A 00               'AB*.'", CanText.shown(frame, true, false));
        assertEquals("     123   [4]  41 42 2A 00", CanText.shown(frame, false, true));
        assertEquals("  RX B E", CanText.extra(CanText.frame("123##3AA")));
    }

    @Test
    void readsWhatCansendReads() throws Failure {
        assertEquals("5A1#1122334455667788", CanText.compact(CanText.frame("5A1#11.2233.44556677.88")));
        assertEquals(12, CanText.frame("123##0112233445566778899").data().length(),
                "padded to a length of CAN FD");
        assertEquals(Optional.of(FrameKind.ERROR), CanText.frame("20000004#0004000000000000").kind());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "123", "12#11", "1234#11", "123#1", "123#112233445566778899", "8123#11",
            "800#11",
        "123#R9", "123##", "123##x11", "xyz#11", "40000000#11"})
    void refusesWhatIsNoFrame(String text) {
        assertTrue(assertThrows(Failure.class, () -> CanText.frame(text)).getMessage()
                .contains("is no CAN frame"));
    }

    @Test
    void readsLinesOfLogFiles() throws Failure {
        CanText.Logged logged = CanText.logged("(1436509052.249713) vcan0 044#2A366C2BBA");
        assertEquals(1_436_509_052_249_713L, logged.micros());
        assertEquals("vcan0", logged.channel());
        assertEquals("044#2A366C2BBA", CanText.compact(logged.frame()));
        assertEquals("(1436509052.249713)", CanText.seconds(logged.micros()));
        assertThrows(Failure.class, () -> CanText.logged("vcan0 044#2A"));
    }

    @Test
    void readsFiltersOfCandump() throws Failure {
        assertEquals(new CanFilter(0x123, 0x7FF, Optional.empty(), Optional.empty(), Optional.empty()),
                CanText.filter("123:7FF"));
        assertEquals(new CanFilter(0x123, 0x7FF, Optional.empty(), Optional.empty(), Optional.of(true)),
                CanText.filter("123~7FF"));
        assertEquals(new CanFilter(0x123, 0x1FFFFFFF, Optional.of(true), Optional.empty(), Optional.empty()),
                CanText.filter("00000123:9FFFFFFF"));
        assertEquals(new CanFilter(0x123, 0x7FF, Optional.of(false), Optional.of(false), Optional.empty()),
                CanText.filter("123:C00007FF"));
        assertThrows(Failure.class, () -> CanText.filter("123"));
    }

    @Test
    void tellsErrorFramesInWords() throws Failure {
        assertEquals(List.of("lost-arbitration{at bit 5}",
                "controller-problem{rx-error-warning,tx-error-passive}",
                "protocol-violation{{bit-stuffing-error}{data-field}}", "bus-off",
                "error-counter-tx-rx{{96}{128}}"),
                CanProblem.words(CanText.frame("2000004E#0524040A00006080")));
        assertEquals(List.of("controller-problem{rx-overflow}", "protocol-violation{{}{}}", "bus-error",
                "restarted-after-bus-off"), CanProblem.words(CanText.frame("2000018C#0001000000000000")));
    }
}
