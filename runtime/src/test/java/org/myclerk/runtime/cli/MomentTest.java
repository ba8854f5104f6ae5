package org.myclerk.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.time.ZoneId;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MomentTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final Instant NOON = Instant.parse("2026-10-24T10:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "18:00,            2026-10-24T16:00:00Z", "9:30,             2026-10-25T08:30:00Z",
        "2026-12-24,       2026-12-23T23:00:00Z", "2026-12-24 18:00, 2026-12-24T17:00:00Z",
        "2026-12-24T18:00, 2026-12-24T17:00:00Z", "90 min,           2026-10-24T11:30:00Z",
        "2h,               2026-10-24T12:00:00Z", "3 d,              2026-10-27T10:00:00Z"})
    void readsWhatPeopleWrite(String text, String meant) throws Failure {
        assertEquals(Instant.parse(meant).getEpochSecond(), Moment.parse("--until", text, NOON, BERLIN));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "25:00", "2026-13-01", "2026-12-24 6pm", "3 weeks", "999999 d"})
    void refusesWhatIsNoTime(String text) {
        assertEquals(2, assertThrows(Failure.class, () -> Moment.parse("--until", text, NOON, BERLIN))
                .exitStatus());
    }

    @Test
    void writesTheTimeOfTheNode() {
        assertEquals("Sat 2026-10-24 12:00", Moment.text(NOON.getEpochSecond(), BERLIN));
    }
}
