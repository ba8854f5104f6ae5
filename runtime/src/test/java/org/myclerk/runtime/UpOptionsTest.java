package org.myclerk.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpOptionsTest {

    private static final Path USER = Path.of("/home/ada");

    @Test
    void takesOptionsAnywhere() throws StartFailure {
        UpOptions options = parse("--listen", "127.0.0.1:0", "up", "--listen=[::1]:5657", "--features",
                "serial,demo", "--set", "core.maxSessions=10", "--home", "/srv/node");
        assertEquals(List.of("127.0.0.1:0", "[::1]:5657"), options.listen());
        assertEquals(List.of("serial", "demo"), options.features());
        assertEquals(List.of(new UpOptions.Setting("org.myclerk.core", "maxSessions", "10")),
                options.settings());
        assertEquals(Path.of("/srv/node"), options.home());
    }

    @Test
    void usesTheUsersHomeIfNoneIsNamed() throws StartFailure {
        assertEquals(Path.of("/home/ada/.myclerk"), parse("up").home());
    }

    @Test
    void splitsAKeyAtItsLastDotBeforeTheValue() throws StartFailure {
        assertEquals(List.of(new UpOptions.Setting("org.myclerk.transport.tcp", "loops", "a.b=c")),
                parse("--set", "transport.tcp.loops=a.b=c").settings());
    }

    @Test
    void asksForHelp() throws StartFailure {
        assertTrue(parse("up", "--help").help());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--nonsense", "down", "--home", "--set core=1", "--set core.x", "--set .x=1",
        "--set core.=1", "--listen 5657", "--listen ::1:5657", "--listen localhost:65536",
        "--listen localhost:", "--listen :1", "--home --features", "up up"})
    void refusesWhatItDoesNotUnderstand(String arguments) {
        StartFailure failure = assertThrows(StartFailure.class, () -> parse(arguments.split(" ")));
        assertEquals(2, failure.status());
        assertEquals(1, failure.getMessage().lines().count());
    }

    private static UpOptions parse(String... arguments) throws StartFailure {
        return UpOptions.parse(List.of(arguments), USER);
    }
}
