package org.myclerk.itests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What a vendor has: Maven, a JDK, and our released jars in a repository. Maven takes plugins and libraries
 * from the local repository of the build that runs this, so nothing is downloaded, and keeps what it makes to
 * itself.
 */
final class VendorTools {

    private static final String VERSION = "0.1.0-SNAPSHOT";

    private final Path folder;
    private final Path programs;

    /** @param folder where tools and repositories are put */
    VendorTools(Path folder) throws IOException {
        this.folder = folder;
        this.programs = Files.createDirectories(folder.resolve("bin"));
        publish("org.myclerk.reactor", Distribution.root().resolve("pom.xml"), null);
        for (String name : List.of("api", "device.api", "op.serial", "testing")) {
            publish(name, Distribution.root().resolve("bundles").resolve(name));
        }
        publish("archetype", Distribution.root().resolve("itests/vendor-example/archetype"));
        Path settings = Files.writeString(folder.resolve("settings.xml"), """
                <settings>
                  <localRepository>%s</localRepository>
                  <mirrors>
                    <mirror><id>local</id><mirrorOf>*,!myclerk</mirrorOf><url>%s</url></mirror>
                  </mirrors>
                  <profiles>
                    <profile>
                      <id>myclerk</id>
                      <repositories>
                        <repository><id>myclerk</id><url>%s</url></repository>
                      </repositories>
                    </profile>
                  </profiles>
                  <activeProfiles><activeProfile>myclerk</activeProfile></activeProfiles>
                </settings>
                """.formatted(folder.resolve("own"), repository().toUri(), folder.resolve("released").toUri()));
        String maven = System.getProperty("myclerk.maven", "/usr/share/maven") + "/bin/mvn";
        program("mvn", "exec %s -B -s %s \"$@\"".formatted(maven, settings));
    }

    private static Path repository() {
        String given = System.getProperty("myclerk.maven.repository");
        return given != null ? Path.of(given) : Path.of(System.getProperty("user.home"), ".m2/repository");
    }

    private void publish(String name, Path module) throws IOException {
        publish("org.myclerk." + name, module.resolve("pom.xml"),
                module.resolve("target/org.myclerk.%s-%s.jar".formatted(name, VERSION)));
    }

    private void publish(String name, Path pom, Path jar) throws IOException {
        Path to = Files.createDirectories(folder.resolve("released/org/myclerk").resolve(name)
                .resolve(VERSION));
        Files.copy(pom, to.resolve("%s-%s.pom".formatted(name, VERSION)));
        if (jar != null) {
            Files.copy(jar, to.resolve("%s-%s.jar".formatted(name, VERSION)));
        }
    }

    /** Puts a program in front of all others. */
    void program(String name, String script) throws IOException {
        Path file = Files.writeString(programs.resolve(name), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    /**
     * Runs a shell script and expects success.
     *
     * @return what it printed
     */
    List<String> run(Path where, String script) throws IOException, InterruptedException {
        Path errors = folder.resolve("errors");
        var builder = new ProcessBuilder("bash", "-euc", script).directory(where.toFile())
                .redirectError(errors.toFile());
        String java = System.getProperty("java.home");
        builder.environment().put("JAVA_HOME", java);
        builder.environment().put("MAVEN_OPTS", "-XX:TieredStopAtLevel=1");
        builder.environment().merge("PATH", programs + ":" + java + "/bin",
                (old, first) -> first + ":" + old);
        Distribution.Ended ended = Distribution.end(builder.start(), errors, 3 * Distribution.SECONDS);
        if (ended.status() != 0) {
            throw new AssertionError("%s%n%s%n%s".formatted(script, ended.output(), ended.errors()));
        }
        return ended.output();
    }

    /** Builds a copy of a project of {@code itests/vendor-example}; returns the bundle. */
    Path build(String name) throws IOException, InterruptedException {
        Path from = Distribution.root().resolve("itests/vendor-example").resolve(name);
        Path project = folder.resolve(name);
        try (Stream<Path> files = Files.walk(from)) {
            var sources = new ArrayList<>(files.filter(Files::isRegularFile)
                    .filter(file -> !file.startsWith(from.resolve("target"))).toList());
            for (Path file : sources) {
                Path copy = project.resolve(from.relativize(file));
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
        run(project, "mvn -q package");
        return project.resolve("target/com.example.%s-1.0.0.jar".formatted(name));
    }

    /** Signs a jar with a key of that name, which is made if need be. */
    void sign(Path jar, String key) throws IOException, InterruptedException {
        run(folder, """
                [ -f %1$s.p12 ] || keytool -genkeypair -alias %1$s -keyalg Ed25519 -dname "CN=%1$s" -validity 30 \
                    -keystore %1$s.p12 -storepass changeit
                jarsigner -keystore %1$s.p12 -storepass changeit %2$s %1$s
                """.formatted(key, jar));
    }

    /** The fingerprint of a key's certificate, as the JDK's keytool tells it. */
    String fingerprint(String key) throws IOException, InterruptedException {
        return run(folder, "keytool -list -v -keystore %s.p12 -storepass changeit".formatted(key)).stream()
                .filter(line -> line.contains("SHA256:")).map(line -> line.substring(line.indexOf(':') + 1)
                .strip())
                .findFirst().orElseThrow();
    }

    /** Waits until something holds. */
    static void await(String what, Check check) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Distribution.SECONDS);
        while (!check.holds()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("in vain: " + what);
            }
        }
    }

    /** Asks a process, so that asking again takes its time by itself. */
    interface Check {

        boolean holds() throws Exception;
    }
}
