package org.myclerk.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import org.apache.felix.metatype.AD;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Version;

class SettingsTest {

    private static final String PID = "org.x.lamp";

    @TempDir
    Path folder;

    private Map<String, Map<String, AD>> known;

    @BeforeEach
    void read() throws Exception {
        Path jar = folder.resolve("lamp.jar");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new ZipEntry("OSGI-INF/metatype/lamp.xml"));
            out.write("""
                    <metatype:MetaData xmlns:metatype="http://www.osgi.org/xmlns/metatype/v1.4.0">
                      <OCD id="lamp" name="Lamp">
                        <AD id="watts" type="Integer" min="1" max="60" default="40"/>
                        <AD id="dims" type="Boolean" default="false"/>
                        <AD id="rooms" type="String" cardinality="2147483647" required="false"/>
                        <AD id="factor" type="Double" required="false"/>
                      </OCD>
                      <Designate pid="org.x.lamp"><Object ocdref="lamp"/></Designate>
                    </metatype:MetaData>
                    """.getBytes());
        }
        known = Settings.known(List.of(new BundleFile(jar, "lamp", Version.emptyVersion, Map.of())));
    }

    @Test
    void refusesWhatIsOutOfRangeNamingIt() throws Refusal {
        assertRefused("org.x.lamp watts must be a whole number from 1 to 60, not \"0\"", "watts", "0");
        assertRefused("org.x.lamp watts must be a whole number from 1 to 60, not \"61\"", "watts", "61");
        assertRefused("org.x.lamp watts must be a whole number from 1 to 60, not \"bright\"", "watts",
                "bright");
        assertRefused("org.x.lamp watts is one value, not 2", "watts", "1", "2");
        assertRefused("org.x.lamp dims must be true or false, not \"perhaps\"", "dims", "perhaps");
        assertRefused("org.x.lamp factor must be a number, not \"x\"", "factor", "x");
        for (String good : List.of("1", "60")) {
            Settings.check(Settings.find(known, PID, "watts"), PID, List.of(good));
        }
        Settings.check(Settings.find(known, PID, "rooms"), PID, List.of("hall, left", "a\\b"));
    }

    @Test
    void namesWhatThereIs() {
        assertEquals("org.x.lamp has no setting watt; it has: watts, dims, rooms, factor",
                assertThrows(Refusal.class, () -> Settings.find(known, PID, "watt")).getMessage());
        assertEquals("nothing here is set under org.x.fan; there are: org.myclerk.features, org.myclerk.log, "
                + "org.x.lamp", assertThrows(Refusal.class, () -> Settings.find(known, "org.x.fan", "x"))
                .getMessage());
    }

    @Test
    void keepsWhatElseIsInTheFile() throws Exception {
        Path file = Files.writeString(folder.resolve("config.json"), """
                { "org.x.other": { "a": [1, "b"] }, "org.x.lamp": { "dims": true, "watts": 3 } }""");
        Settings settings = new Settings(folder);
        settings.set(Settings.find(known, PID, "watts"), PID, List.of("5"));
        settings.set(Settings.find(known, PID, "rooms"), PID, List.of("hall", "attic"));
        settings.set(Settings.find(known, PID, "dims"), PID, List.of());
        assertEquals(Feature.object(Files.writeString(folder.resolve("expected"), """
                { "org.x.other": { "a": [1, "b"] }, "org.x.lamp": { "watts": 5, "rooms": ["hall", "attic"] } }""")),
                Feature.object(file));
    }

    @Test
    void tellsWhatHolds() throws Refusal, IOException {
        var effective = new Configurations();
        effective.put(PID, "watts", "7");
        List<Map<String, Object>> list = Settings.list(known, effective, Optional.of(PID));
        assertEquals(List.of(List.of("7"), List.of("false"), List.of(), List.of()),
                list.stream().map(setting -> setting.get("values")).toList());
        assertEquals(List.of(true, false, false, false), list.stream().map(setting -> setting.get("set"))
                .toList());
    }

    private void assertRefused(String message, String key, String... values) {
        assertEquals(message, assertThrows(Refusal.class,
                () -> Settings.check(Settings.find(known, PID, key), PID, List.of(values))).getMessage());
    }
}
