package org.myclerk.api.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;

/** Rows, tables, and their comparison with a file of facts. */
class OperationTableTest {

    private static final Operation<None, Done> SET =
            Operation.call(0x0620, "LAMP_SET", "Set a lamp", None.class, Done.class);
    private static final Operation<None, Done> GET =
            Operation.call(0x0621, "LAMP_GET_ALL", "Get all, at once", None.class, Done.class).floor(Tier.T4);
    private static final Operation<None, Done> EVENT =
            Operation.event(0x0622, "OTHER_EVENT", "It went", Done.class);
    private static final OperationTable TABLE = OperationTable.of("lamp", 0x0620, 0x062F, SET, GET, EVENT);

    private static void refuses(String words, OperationDeclaration declaration) {
        String message = assertThrows(IllegalArgumentException.class, declaration::make).getMessage();
        assertTrue(message.contains(words), message);
    }

    /** Something that should not be made. */
    @FunctionalInterface
    private interface OperationDeclaration {
        Object make();
    }

    @Test
    void findsRowsByTheirCode() {
        assertSame(SET, TABLE.row(new OpCode(0x0620)));
        assertSame(EVENT, TABLE.row(new OpCode(0x0622)));
        assertNull(TABLE.row(new OpCode(0x0623)));
        assertEquals(List.of(SET, GET, EVENT), TABLE.rows());
        assertEquals("lamp 0x0620-0x062F", TABLE.toString());
    }

    @Test
    void namesRowsForTheCommandLine() {
        assertEquals("lamp.set", TABLE.commandName(SET));
        assertEquals("lamp.get-all", TABLE.commandName(GET));
        assertEquals("lamp.other-event", TABLE.commandName(EVENT));
    }

    @Test
    void refusesRowsOutsideTheRange() {
        refuses("0x0620 LAMP_SET is outside the range of lamp",
                () -> OperationTable.of("lamp", 0x0621, 0x062F, SET));
        refuses("0x0622 OTHER_EVENT is outside", () ->
                OperationTable.of("lamp", 0x0620, 0x0621, SET, GET, EVENT));
    }

    @Test
    void refusesRowsThatRepeatOrAreOutOfOrder() {
        refuses("repeat or are out of order", () -> OperationTable.of("lamp", 0x0620, 0x062F, GET, SET));
        refuses("repeat or are out of order", () -> OperationTable.of("lamp", 0x0620, 0x062F, SET, SET));
        refuses("repeat or are out of order", () -> OperationTable.of("lamp", 0x0620, 0x062F, SET,
                Operation.call(0x0621, "LAMP_SET", "Again", None.class, Done.class)));
        refuses("repeat or are out of order", () -> OperationTable.of("lamp", 0x0620, 0x062F, SET,
                Operation.call(0x0620, "LAMP_SET_TOO", "Again", None.class, Done.class)));
    }

    @Test
    void refusesARangeThatEndsBeforeItBegins() {
        refuses("ends before it begins", () -> OperationTable.of("lamp", 2, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Lamp", "1lamp", "la mp", "lamp.x"})
    void refusesBadTableNames(String name) {
        refuses("a table's name", () -> OperationTable.of(name, 0, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "lamp", "LAMP-SET", "1LAMP"})
    void refusesBadRowNames(String name) {
        refuses("an operation's name", () -> Operation.call(1, name, "", None.class, Done.class));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0x1_0000})
    void refusesCodesOfMoreThan16Bits(int code) {
        refuses("16 bits", () -> Operation.call(code, "LAMP", "", None.class, Done.class));
    }

    @Test
    void namesTheOperationWhoseRecordCannotBeEncoded() {
        refuses("LAMP_BAD: ", () -> Operation.call(1, "LAMP_BAD", "", String.class, Done.class));
    }

    @Test
    void keepsWhatARowSaysOfItself() {
        Operation<None, Done> plain = SET;
        assertEquals(Tier.T3, plain.floor());
        assertEquals(Access.NONE, plain.access());
        assertFalse(plain.isFollowed() || plain.isInline() || plain.isCompressible());
        assertEquals(Audience.ADMINISTRATORS, plain.audience(), "what says nothing is for administrators");
        assertEquals(Audience.SHARERS, plain.reads().audience());
        Operation<None, Done> all =
                plain.writes().floor(Tier.T5).followed().inline().compressible().audience(Audience.OWNERS)
                .answeredWith(0x0621);
        assertEquals(Access.WRITE, all.access());
        assertEquals(Tier.T5, all.floor());
        assertTrue(all.isFollowed() && all.isInline() && all.isCompressible());
        assertEquals(Audience.OWNERS, all.audience());
        assertEquals(new OpCode(0x0621), all.answerCode());
        assertEquals(Access.READ, all.reads().access());
        assertEquals(all.code(), plain.code());
        assertEquals(plain.code(), plain.answerCode());
        assertEquals("0x0620 LAMP_SET", all.toString());
        assertEquals(Kind.ONE_WAY, Operation.oneWay(1, "LAMP_TELL", "", None.class).kind());
        assertEquals(Kind.ANSWER, Operation.answer(1, "LAMP_TOLD", "", Done.class).kind());
        assertTrue(Operation.unknown(new OpCode(0xABCD)).isFollowed());
        assertEquals("OPERATION_ABCD", Operation.unknown(new OpCode(0xABCD)).name());
    }

    @Test
    void agreesWithItsFacts(@TempDir Path folder) throws IOException {
        assertEquals(List.of(), TableContract.differences(TABLE, facts(folder,
                "0x0001,FAR_AWAY,Of another range,3,call,",
                "0x0620,LAMP_SET,Set a lamp,3,call,",
                "0x0621,LAMP_GET_ALL,\"Get all, at once\",4,call,",
                "0x0622,OTHER_EVENT,It went,3,event,")));
    }

    @Test
    void tellsEachDifferenceFromItsFacts(@TempDir Path folder) throws IOException {
        assertEquals(List.of(
                "0x0620 name: the table says \"LAMP_SET\", the file \"LAMP_PUT\"",
                "0x0620 summary: the table says \"Set a lamp\", the file \"Put a lamp\"",
                "0x0620 floor: the table says \"3\", the file \"5\"",
                "0x0620 kind: the table says \"call\", the file \"one-way\"",
                "0x0621 answer: the table says \"0x0621\", the file \"0x0623\"",
                "0x0622 OTHER_EVENT is not in the file",
                "0x0623 LAMP_ALL is not in the table"),
                TableContract.differences(TABLE, facts(folder,
                        "0x0620,LAMP_PUT,Put a lamp,5,one-way,",
                        "0x0621,LAMP_GET_ALL,\"Get all, at once\",4,call,LAMP_ALL",
                        "0x0623,LAMP_ALL,All,3,answer,LAMP_GET_ALL")));
    }

    @Test
    void refusesAFileThatHoldsNoFacts(@TempDir Path folder) throws IOException {
        Path file = facts(folder, "0x0620,LAMP_SET,Set a lamp,3,call");
        assertThrows(IOException.class, () -> TableContract.differences(TABLE, file));
    }

    private static Path facts(Path folder, String... lines) throws IOException {
        return Files.writeString(folder.resolve("facts.csv"),
                "code,name,summary,floor,kind,pair\n" + String.join("\n", lines) + "\n");
    }
}
