package org.myclerk.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** A bundle that is a manifest. */
final class TestJar {

    private final Manifest manifest = new Manifest();

    TestJar(String symbolicName, String version) {
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        with("Bundle-ManifestVersion", "2").with("Bundle-SymbolicName", symbolicName)
                .with("Bundle-Version", version);
    }

    TestJar with(String header, String value) {
        manifest.getMainAttributes().putValue(header, value);
        return this;
    }

    /** Makes it serve a range of operations. */
    TestJar serving(String name, int first, int last) {
        return with("Provide-Capability",
                "org.myclerk.operation;name=\"%s\";first:Long=%d;last:Long=%d".formatted(name,
                first, last));
    }

    Path write(Path jar) throws IOException {
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        return jar;
    }
}
