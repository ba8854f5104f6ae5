package org.myclerk.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.runtime.ServiceComponentRuntime;

/** The installer on a framework with Declarative Services and bundles that are manifests. */
class InstallerTest {

    @TempDir
    Path folder;

    private final List<String> progress = new ArrayList<>();
    private NodeFramework framework;
    private Installer installer;

    @BeforeEach
    void start() throws Exception {
        Files.createDirectories(folder.resolve("features"));
        Files.createDirectories(folder.resolve("bundles"));
        copy(ConfigurationAdmin.class, "org.apache.felix.cm.impl.ConfigurationAdminFactory",
                "configadmin-1.jar");
        copy(ServiceComponentRuntime.class, "org.apache.felix.scr.impl.Activator", "scr-1.jar");
        feature("base", List.of(), "configadmin:1", "scr:1");
        bundle(new TestJar("shared", "1.0").with("Export-Package", "shared;version=1.1"), "shared:1");
        bundle(new TestJar("lamp", "1.0").with("Import-Package", "shared;version=\"[1.0,2)\"")
                .serving("lamp", 0xF100, 0xF10F), "lamp:1");
        bundle(new TestJar("fan", "1.0").with("Import-Package", "shared;version=\"[1.1,2)\"")
                .serving("fan", 0xF110, 0xF11F), "fan:1");
        feature("lamp", List.of(), "shared:1", "lamp:1");
        feature("fan", List.of(), "shared:1", "fan:1");
        framework = NodeFramework.start(Files.createDirectory(folder.resolve("cache")));
        installer = new Installer(folder.resolve("home"), features(),
                new Installed(List.of(), List.of(), List.of()),
                framework, selection -> framework.configure(selection.configurations()));
        framework.install(features().select(installer.installed()).bundles());
    }

    @AfterEach
    void stop() throws InterruptedException {
        framework.stop();
    }

    private Features features() {
        return new Features(folder, folder.resolve("home"));
    }

    @Test
    void installsAndRemovesAndKeepsWhatIsShared() throws Exception {
        installer.install(List.of("lamp"), progress::add);
        assertEquals(List.of("shared 1.0.0 active", "lamp 1.0.0 active"), bundles());
        assertEquals(List.of("checking", "starting shared 1.0.0", "starting lamp 1.0.0"), progress);
        installer.install(List.of("fan"), progress::add);
        installer.remove(List.of("lamp"), progress::add);
        assertEquals(List.of("shared 1.0.0 active", "fan 1.0.0 active"), bundles());
        assertEquals(List.of("fan"), stored().chosen());
        installer.remove(List.of("fan"), progress::add);
        assertEquals(List.of(), bundles());
        assertEquals(List.of("install lamp", "install fan", "remove lamp", "remove fan"),
                stored().history().stream().map(Installed.Before::change).toList());
    }

    @Test
    void goesBackToWhatWasBefore() throws Exception {
        installer.install(List.of("lamp"), progress::add);
        installer.install(List.of("fan"), progress::add);
        installer.rollback("it was too loud", progress::add);
        assertEquals(List.of("shared 1.0.0 active", "lamp 1.0.0 active"), bundles());
        assertEquals("rollback of \"install fan\": it was too loud", stored().history().getLast().change());
    }

    @Test
    void upgradesToWhatTheDistributionHasNow() throws Exception {
        installer.install(List.of("lamp"), progress::add);
        bundle(new TestJar("lamp", "1.1").with("Import-Package", "shared;version=\"[1.0,2)\"")
                .serving("lamp", 0xF100, 0xF10F), "lamp:1.1");
        feature("lamp", List.of(), "shared:1", "lamp:1.1");
        installer.upgrade(progress::add);
        assertEquals(List.of("shared 1.0.0 active", "lamp 1.1.0 active"), bundles());
    }

    @Test
    void namesWhatIsMissingAndWhoHasIt() throws Exception {
        feature("heater", List.of(), "heater:1");
        bundle(new TestJar("heater", "1.0").with("Import-Package", "shared;version=\"[1.0,2)\""), "heater:1");
        assertRefused(
                "heater 1.0.0 needs the package shared in a version from 1.0.0 on and below 2.0.0; the "
                + "feature "
                + "fan has it: myclerk features install fan", "heater");
        feature("heater", List.of("lamp"), "heater:1");
        bundle(new TestJar("heater", "1.0").with("Import-Package", "shared;version=\"[2.0,3)\""), "heater:1");
        assertRefused(
                "heater 1.0.0 needs the package shared in a version from 2.0.0 on and below 3.0.0; here it "
                + "is "
                + "there in version 1.1.0", "heater");
        bundle(new TestJar("heater", "1.0").with("Require-Capability",
                "osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=99))\""), "heater:1");
        assertRefused("heater 1.0.0 needs Java 99; here it is there in version", "heater");
        bundle(new TestJar("heater", "1.0").with("Require-Capability",
                "osgi.service;filter:=\"(objectClass=org.Coal)\";effective:=active"), "heater:1");
        assertRefused("heater 1.0.0 needs the service org.Coal, which nothing here offers", "heater");
    }

    @Test
    void refusesARangeOrANameThatIsTaken() throws Exception {
        installer.install(List.of("lamp"), progress::add);
        feature("light", List.of(), "light:1");
        bundle(new TestJar("light", "1.0").serving("light", 0xF10F, 0xF11F), "light:1");
        assertRefused(
                "light 1.0.0 serves 0xF10F-0xF11F (light), but lamp 1.0.0 serves 0xF100-0xF10F (lamp): "
                + "only one "
                + "of them can be installed", "light");
        bundle(new TestJar("light", "1.0").serving("lamp", 0xF200, 0xF20F), "light:1");
        assertRefused(
                "light 1.0.0 serves 0xF200-0xF20F (lamp), but lamp 1.0.0 serves 0xF100-0xF10F (lamp): only "
                + "one "
                + "of them can be installed", "light");
    }

    @Test
    void takesBackWhatDoesNotStart() throws Exception {
        feature("bad", List.of("lamp"), "bad:1");
        bundle(new TestJar("bad", "1.0").with("Bundle-Activator", "no.such.Class"), "bad:1");
        assertRefused("bad does not start: ", "bad");
        assertEquals("taking back", progress.getLast());
    }

    @Test
    void keepsWhatOthersNeed() throws Exception {
        feature("house", List.of("lamp"));
        installer.install(List.of("house"), progress::add);
        assertEquals("lamp stays: house needs it", assertThrows(Refusal.class,
                () -> installer.remove(List.of("lamp"), progress::add)).getMessage());
        assertEquals("base cannot be removed: without it no node runs", assertThrows(Refusal.class,
                () -> installer.remove(List.of("base"), progress::add)).getMessage());
    }

    @Test
    void changesNothingIfTheStateCannotBeWritten() throws Exception {
        Files.createDirectories(folder.resolve("home/installed/state.json.new"));
        assertThrows(IOException.class, () -> installer.install(List.of("lamp"), progress::add));
        assertEquals(List.of(), bundles());
        assertEquals(List.of(), installer.installed().chosen());
    }

    private void assertRefused(String beginning, String feature) throws Exception {
        List<String> before = bundles();
        Installed installed = installer.installed();
        String message = assertThrows(Refusal.class,
                () -> installer.install(List.of(feature), progress::add)).getMessage();
        assertTrue(message.startsWith(beginning), message);
        assertEquals(before, bundles(), "nothing changed");
        assertEquals(installed, installer.installed());
    }

    private Installed stored() throws Refusal {
        return Installed.read(folder.resolve("home")).orElseThrow();
    }

    /** Those beside the base. */
    private List<String> bundles() {
        return List.of(framework.context().getBundles()).stream().filter(bundle -> bundle.getBundleId() > 2)
                .map(bundle -> "%s %s %s".formatted(bundle.getSymbolicName(), bundle.getVersion(),
                        bundle.getState() == Bundle.ACTIVE ? "active" : "not active"))
                .toList();
    }

    /** Copies the jar from the class path that holds a class, though it is not loaded here. */
    private void copy(Class<?> loader, String in, String name) throws Exception {
        Path jar = Path.of(loader.getClassLoader().loadClass(in).getProtectionDomain().getCodeSource()
                .getLocation()
                .toURI());
        Files.copy(jar, folder.resolve("bundles").resolve(name));
    }

    private void feature(String name, List<String> requires, String... bundles) throws IOException {
        Files.writeString(folder.resolve("features").resolve(name + ".json"),
                "{ \"id\": \"t:t.feature.%s:1\", \"myclerk:requires\": [%s], \"bundles\": [%s] }".formatted(
                name,
                        quoted(requires, ""), quoted(List.of(bundles), "t:")));
    }

    private static String quoted(List<String> words, String prefix) {
        return String.join(", ", words.stream().map(word -> "\"" + prefix + word + "\"").toList());
    }

    private void bundle(TestJar jar, String id) throws IOException {
        jar.write(folder.resolve("bundles").resolve(id.replace(':', '-') + ".jar"));
    }
}
