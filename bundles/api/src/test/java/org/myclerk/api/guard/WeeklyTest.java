package org.myclerk.api.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.DayOfWeek;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeeklyTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Sat 14:00-18:00                   | Sat 14:00-18:00",
        "saturday 14-18                    | Sat 14:00-18:00",
        "Mon-Fri 15:00-17:30               | Mon-Fri 15:00-17:30",
        "Sat,Sun 10-20                     | Sat+Sun 10:00-20:00",
        "Sat+Sun 10-20                     | Sat+Sun 10:00-20:00",
        "Fri-Mon 8.30 - 9                  | Mon+Fri+Sat+Sun 08:30-09:00",
        "0:00-24:00                        | daily 00:00-24:00",
        "daily 22:00-02:00                 | daily 22:00-02:00",
        "Mon-Fri 15-17:30, Sat,Sun 10-20   | Mon-Fri 15:00-17:30, Sat+Sun 10:00-20:00"})
    void readsWhatPeopleWrite(String text, String meant) {
        List<Weekly> spans = Weekly.parse(text);
        assertEquals(meant, String.join(", ", spans.stream().map(Weekly::toString).toList()));
        assertEquals(spans, Weekly.parse(meant), "and what is printed is read again");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Sat", "Sat 14:00", "Sat 25:00-26:00", "Sat 14:60-15:00", "Foo 14:00-15:00",
        "Mon-Wed-Fri 1-2", "14:00-18:00 Sat", "S 14-18", "Sat 24:00-25:00"})
    void refusesWhatIsNoTimeOfTheWeek(String text) {
        assertThrows(IllegalArgumentException.class, () -> Weekly.parse(text));
    }

    @Test
    void knowsItsDays() {
        Weekly friday = new Weekly(1 << DayOfWeek.FRIDAY.ordinal(), 22 * 60, 2 * 60);
        assertTrue(friday.on(DayOfWeek.FRIDAY) && friday.overnight());
        assertFalse(friday.on(DayOfWeek.SATURDAY));
    }

    @ParameterizedTest
    @CsvSource({"READ_ONLY,WRITE_ONLY,READ_WRITE", "EXCLUSIVE,READ_ONLY,EXCLUSIVE",
            "EXCLUSIVE,READ_WRITE,READ_WRITE",
        "NONE,READ_ONLY,READ_ONLY", "NONE,NONE,NONE", "EXCLUSIVE,NONE,EXCLUSIVE"})
    void joinsModes(AccessMode one, AccessMode other, AccessMode both) {
        assertEquals(both, one.or(other));
        assertEquals(both, other.or(one));
    }
}
