package org.myclerk.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProbationTest {

    private final Configurations configurations = new Configurations();

    @Test
    void lastsAMinuteUnlessSet() throws Refusal {
        assertEquals(Duration.ofMinutes(1), Probation.length(configurations));
        configurations.put(Configurations.FEATURES, Probation.SECONDS, "86400");
        assertEquals(Duration.ofDays(1), Probation.length(configurations));
        configurations.put(Configurations.FEATURES, Probation.SECONDS, "0");
        assertEquals(Duration.ZERO, Probation.length(configurations));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "86401", "soon", "", "1.5", "99999999999"})
    void refusesWhatIsNoTime(String seconds) {
        configurations.put(Configurations.FEATURES, Probation.SECONDS, seconds);
        assertEquals("org.myclerk.features probationSeconds must be a whole number from 0 to 86400, not \""
                + seconds
                + "\"", assertThrows(Refusal.class, () -> Probation.length(configurations)).getMessage());
    }
}
