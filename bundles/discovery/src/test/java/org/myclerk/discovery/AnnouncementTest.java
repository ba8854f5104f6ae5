package org.myclerk.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.payload.Bytes;

/** The words of an announcement (RFC 6763, profile §17). */
class AnnouncementTest {

    private static final String HEX = "1a2b3c4d5e6f708192a3b4c5d6e7f809";
    private static final Bytes ID = Bytes.ofHex(HEX);

    @Test
    void saysVersionProfileAndId() {
        assertEquals(Map.of("v", "0", "p", "1", "id", HEX), new Announcement(ID, "kitchen-pi").text());
    }

    @Test
    void isCalledAfterTheNodeAndItsId() {
        assertEquals("kitchen-pi-1a2b", new Announcement(ID, "kitchen-pi").instance());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "\u00fc", "\u20ac", "\ud83c\udf72"})
    void keepsWithinALabel(String character) {
        String instance = new Announcement(ID, character.repeat(64)).instance();
        int length = instance.getBytes(StandardCharsets.UTF_8).length;
        assertTrue(length <= 63 && length > 63 - 4, instance);
        assertTrue(instance.matches("(" + character + ")+-1a2b"), instance);
    }

    @ParameterizedTest
    @CsvSource({"kitchen-pi-1a2b,kitchen-pi", "kitchen-pi-1a2b (2),kitchen-pi", "kitchen-pi,kitchen-pi",
            "kitchen-pi-9999,kitchen-pi-9999", "-1a2b,''"})
    void hearsTheName(String instance, String name) {
        assertEquals(Optional.of(new Announcement(ID, name)), Announcement.heard(instance, "0", HEX));
    }

    @Test
    void dropsWhatATerminalWouldObey() {
        String name = Announcement.heard("a\u001b[2Jb\u202ec\nd", "0", HEX).orElseThrow().name();
        assertEquals("a[2Jbcd", name);
        assertEquals(64, Announcement.heard("x".repeat(100), "0", HEX).orElseThrow().name().length());
    }

    @ParameterizedTest
    @CsvSource({"1," + HEX, "," + HEX, "0,", "0,1a2b", "0,zz2b3c4d5e6f708192a3b4c5d6e7f809",
            "0," + HEX + "00"})
    void ignoresOtherVersionsAndWhatHasNoId(String version, String id) {
        assertEquals(Optional.empty(), Announcement.heard("kitchen-pi", version, id));
    }
}
