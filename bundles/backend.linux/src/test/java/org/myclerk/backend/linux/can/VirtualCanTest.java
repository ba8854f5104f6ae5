package org.myclerk.backend.linux.can;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.device.DeviceException;

@EnabledOnOs(OS.LINUX)
final class VirtualCanTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "with space", "sixteen-letters!", "a:b"})
    void refusesNamesThatNoInterfaceCanHave(String name) {
        DeviceException failure = assertThrows(DeviceException.class, () -> VirtualCan.create(name));
        assertEquals(ErrorCode.BAD_REQUEST, failure.code());
        assertTrue(failure.getMessage().contains("1 to 15 characters"), failure.getMessage());
    }
}
