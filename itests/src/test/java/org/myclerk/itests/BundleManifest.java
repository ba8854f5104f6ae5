package org.myclerk.itests;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;

/**
 * What a bundle's manifest says of packages.
 *
 * @param name symbolic name
 * @param exports packages
 * @param imports packages that it cannot do without
 * @param optional packages that it can
 */
record BundleManifest(String name, Set<String> exports, Set<String> imports, Set<String> optional) {

    static BundleManifest read(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            Attributes main = file.getManifest().getMainAttributes();
            var imports = new TreeSet<String>();
            var optional = new TreeSet<String>();
            clauses(main.getValue("Import-Package")).forEach((name, attributes) ->
                    (attributes.contains("resolution:=optional") ? optional : imports).add(name));
            String name = main.getValue("Bundle-SymbolicName");
            return new BundleManifest(
                    name == null ? jar.getFileName().toString() : name.split(";")[0].strip(),
                    new TreeSet<>(clauses(main.getValue("Export-Package")).keySet()), imports, optional);
        }
    }

    /** The packages of a header, each with its attributes and directives. */
    static Map<String, List<String>> clauses(String header) {
        var clauses = new HashMap<String, List<String>>();
        for (String clause : split(header == null ? "" : header, ',')) {
            List<String> parts = split(clause, ';').stream().map(String::strip).toList();
            List<String> attributes = parts.stream().filter(part -> part.contains("=")).toList();
            parts.stream().filter(part -> !part.isEmpty() && !part.contains("="))
                    .forEach(name -> clauses.put(name, attributes));
        }
        return clauses;
    }

    /** Splits at a character that stands outside of quotes. */
    private static List<String> split(String text, char at) {
        var parts = new ArrayList<String>();
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            quoted ^= text.charAt(i) == '"';
            if (!quoted && text.charAt(i) == at) {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return parts;
    }
}
