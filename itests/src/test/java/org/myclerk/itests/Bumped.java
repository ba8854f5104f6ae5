package org.myclerk.itests;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Other versions of a built bundle: the same classes under another {@code Bundle-Version}. */
final class Bumped {

    private Bumped() {
    }

    static Path version(Path jar, String version, Path folder) throws IOException {
        return changed(jar, version, Map.of(), folder);
    }

    /** @param headers changes of further headers, by name */
    static Path changed(Path jar, String version, Map<String, UnaryOperator<String>> headers, Path folder)
            throws IOException {
        Path bumped = folder.resolve(jar.getFileName().toString()
                .replaceFirst("-[0-9][^/]*\\.jar$", "-" + version + ".jar"));
        try (JarFile in = new JarFile(jar.toFile())) {
            Manifest manifest = in.getManifest();
            manifest.getMainAttributes().putValue("Bundle-Version", version);
            headers.forEach((name, change) -> manifest.getMainAttributes().putValue(name,
                    change.apply(manifest.getMainAttributes().getValue(name))));
            try (OutputStream file = Files.newOutputStream(bumped);
                    JarOutputStream out = new JarOutputStream(file, manifest)) {
                for (JarEntry entry : in.stream().filter(each -> !each.getName()
                        .equals(JarFile.MANIFEST_NAME)).toList()) {
                    out.putNextEntry(new JarEntry(entry.getName()));
                    try (InputStream content = in.getInputStream(entry)) {
                        content.transferTo(out);
                    }
                    out.closeEntry();
                }
            }
        }
        return bumped;
    }
}
