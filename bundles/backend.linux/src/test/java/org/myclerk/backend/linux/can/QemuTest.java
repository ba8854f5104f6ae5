package org.myclerk.backend.linux.can;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Runs {@link KvaserTest} in a QEMU machine with two emulated Kvaser cards: {@code mvn -Phwlab-qemu}. */
@EnabledIfSystemProperty(named = "myclerk.lab.qemu", matches = "true")
final class QemuTest {

    @Test
    @Timeout(value = 1800, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void passesOnEmulatedControllers() throws Exception {
        Path lab = Path.of(System.getProperty("myclerk.root"), "itests", "hwlab", "lab", "qemu");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process machine = new ProcessBuilder(List.of(lab.toString(), "-d", "object:can-bus,id=bus", "-d",
                "kvaser_pci,canbus=bus", "-d", "kvaser_pci,canbus=bus", "-l", "can-raw", "-l", "kvaser_pci",
                "--", java,
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "org.junit.platform.console.ConsoleLauncher", "execute", "--disable-banner",
                "--disable-ansi-colors",
                "--details=tree", "--select-class", KvaserTest.class.getName())).redirectErrorStream(true)
                .start();
        String said = new String(machine.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        System.out.println(said);
        assertEquals(0, machine.waitFor(), said);
    }
}
