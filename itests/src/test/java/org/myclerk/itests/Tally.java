package org.myclerk.itests;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

import javax.tools.ToolProvider;

/**
 * A vendor's capability, made of a source text against the api of a distribution: it serves 0xF100-0xF10F,
 * and its versions differ in the record that they answer with.
 */
final class Tally {

    static final int GET = 0xF101;
    static final int WAIT = 0xF102;


    private static final String IMPORTS = "org.myclerk.api.operation;version=\"[1,2)\","
            + "org.myclerk.api.payload;version=\"[1,2)\"";

    /**
     * With the type of the field {@code n}, its value, and what the handler does before it answers TALLY_GET.
     */
    private static final String SOURCE = """
            package com.example.tally;

            import org.myclerk.api.operation.*;
            import org.myclerk.api.payload.*;

            public final class Tally implements OperationHandler, java.util.function.Supplier<String> {

                public record Count(%1$s n) { }

                public static final Operation<None, Count> GET = Operation.call(0xF101, "TALLY_GET", "Tells", None.class,
                        Count.class);
                public static final Operation<None, Count> WAIT = Operation.call(0xF102, "TALLY_WAIT", "Tells later",
                        None.class, Count.class);
                public static final OperationTable TABLE = OperationTable.of("tally", 0xF100, 0xF10F, GET, WAIT);

                public Bindings bindings() {
                    return TABLE.bind().to(GET, (caller, none) -> {
                        %3$s
                        return new Count(%2$s);
                    }).to(WAIT, (caller, none) -> {
                        Thread.sleep(4000);
                        return new Count(%2$s);
                    }).done();
                }

                public String get() {
                    return "it feels unwell";
                }
            }
            """;

    private final Distribution distribution;
    private final Path folder;

    /** @param folder for the classes and the jars */
    Tally(Distribution distribution, Path folder) {
        this.distribution = distribution;
        this.folder = folder;
    }

    /** @param before what the handler does before it answers TALLY_GET */
    static String source(String type, String value, String before) {
        return SOURCE.formatted(type, value, before);
    }

    /**
     * Makes a bundle.
     *
     * @param source as {@link #source} makes it
     * @param health whether it is a health check as well
     */
    Path jar(String version, String source, boolean health) throws IOException {
        Path classes = Files.createDirectories(folder.resolve("classes-" + version));
        Path file = classes.resolve("Tally.java");
        Files.writeString(file, source);
        List<String> api = new ArrayList<>();
        for (Path jar : distribution.files("bundles")) {
            api.add(jar.toString());
        }
        int status = ToolProvider.getSystemJavaCompiler().run(null, null, null, "-parameters", "-d",
                classes.toString(), "-cp", String.join(":", api), file.toString());
        if (status != 0) {
            throw new IOException("it does not compile");
        }
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        new TreeMap<>(Map.of("Bundle-ManifestVersion", "2", "Bundle-SymbolicName", "com.example.tally",
                "Bundle-Version", version, "Import-Package", IMPORTS, "Service-Component",
                "OSGI-INF/tally.xml", "Provide-Capability",
                "org.myclerk.operation;first:Long=61696;last:Long=61711")).forEach(headers::putValue);
        Path jar = folder.resolve("tally-" + version + ".jar");
        try (OutputStream out = Files.newOutputStream(jar); JarOutputStream entries = new JarOutputStream(out,
                manifest);
                Stream<Path> all = Files.walk(classes)) {
            for (Path each : all.filter(path -> path.toString().endsWith(".class")).toList()) {
                entries.putNextEntry(new JarEntry(classes.relativize(each).toString()));
                entries.write(Files.readAllBytes(each));
            }
            entries.putNextEntry(new JarEntry("OSGI-INF/tally.xml"));
            entries.write("""
                    <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.3.0" name="com.example.tally.Tally">
                      <implementation class="com.example.tally.Tally"/>
                      <service><provide interface="org.myclerk.api.operation.OperationHandler"/>%s</service>
                      <property name="myclerk.operation.first" type="Integer" value="61696"/>
                      <property name="myclerk.operation.last" type="Integer" value="61711"/>
                      %s
                    </scr:component>
                    """.formatted(health ? "<provide interface=\"java.util.function.Supplier\"/>" : "",
                    health ? "<property name=\"myclerk.health\" value=\"tally\"/>" : "")
                    .getBytes(StandardCharsets.UTF_8));
        }
        return jar;
    }
}
