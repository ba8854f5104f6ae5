package org.myclerk.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

import org.apache.felix.utils.resource.ResourceBuilder;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.resource.Capability;
import org.osgi.resource.Resource;

/**
 * A jar that is a bundle.
 *
 * @param path where it lies
 * @param headers of its manifest
 */
record BundleFile(Path path, String symbolicName, Version version, Map<String, String> headers) {

    /** Namespace and attributes of what bnd makes of {@code @OperationRange} in the API. */
    private static final String OPERATION = "org.myclerk.operation";

    /**
     * A range of operations that a bundle serves.
     *
     * @param name of its table; empty if the manifest does not say
     */
    record Range(String name, int first, int last) {

        boolean overlaps(Range other) {
            return first <= other.last && other.first <= last;
        }

        @Override
        public String toString() {
            return "0x%04X-0x%04X%s".formatted(first, last, name.isEmpty() ? "" : " (" + name + ")");
        }
    }

    /**
     * Reads the manifest of a jar.
     *
     * @throws Refusal if it is damaged, or no bundle
     */
    static BundleFile read(Path path) throws Refusal {
        String file = path.getFileName().toString();
        Manifest manifest;
        try (JarFile jar = new JarFile(path.toFile(), false)) {
            manifest = jar.getManifest();
        } catch (IOException e) {
            throw new Refusal("%s is damaged or no jar: %s".formatted(file, Home.reason(e)));
        }
        var headers = new HashMap<String, String>();
        if (manifest != null) {
            manifest.getMainAttributes().forEach((key, value) -> headers.put(key.toString(),
                    value.toString()));
        }
        String name = headers.getOrDefault(Constants.BUNDLE_SYMBOLICNAME, "").split(";")[0].strip();
        if (name.isEmpty()) {
            throw new Refusal("%s is no bundle: its manifest has no %s".formatted(file,
                    Constants.BUNDLE_SYMBOLICNAME));
        }
        try {
            Version version = Version.parseVersion(headers.get(Constants.BUNDLE_VERSION));
            return new BundleFile(path, name, version, Map.copyOf(headers));
        } catch (IllegalArgumentException e) {
            throw new Refusal("%s: %s".formatted(file, e.getMessage()));
        }
    }

    /** Its name for people: symbolic name and version. */
    String label() {
        return symbolicName + " " + version;
    }

    /** One line about it. */
    String title() {
        return headers.getOrDefault(Constants.BUNDLE_DESCRIPTION,
                headers.getOrDefault(Constants.BUNDLE_NAME, ""));
    }

    boolean isFragment() {
        return headers.containsKey(Constants.FRAGMENT_HOST);
    }

    /** What it requires and offers. */
    Resource resource() throws Refusal {
        try {
            return ResourceBuilder.build(path.toUri().toString(), headers);
        } catch (BundleException | IllegalArgumentException e) {
            throw new Refusal("the manifest of %s is wrong: %s".formatted(path.getFileName(),
                    e.getMessage()));
        }
    }

    /** The ranges of operations that it serves. */
    List<Range> ranges() throws Refusal {
        var ranges = new ArrayList<Range>();
        for (Capability capability : resource().getCapabilities(OPERATION)) {
            Map<String, Object> attributes = capability.getAttributes();
            if (attributes.get("first") instanceof Long first
                    && attributes.get("last") instanceof Long last) {
                String name = attributes.get("name") instanceof String text ? text : "";
                ranges.add(new Range(name, Math.toIntExact(first), Math.toIntExact(last)));
            }
        }
        return ranges;
    }
}
