package org.myclerk.backend.linux.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.PaddingLayout;
import java.lang.foreign.StructLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Asks the C compiler what the kernel's headers say, and compares our layouts and numbers with it. */
public final class CHeaders {

    private final Path folder;
    private final List<String> headers;
    /** C expressions and the values that we give them. */
    private final Map<String, Long> expected = new LinkedHashMap<>();

    /**
     * @param folder for the program
     * @param headers as in an include directive: {@code linux/gpio.h}
     */
    public CHeaders(Path folder, String... headers) {
        this.folder = folder;
        this.headers = List.of(headers);
    }

    /** Compares the size of the struct that the layout is named after, and where its named members are. */
    public CHeaders struct(StructLayout layout) {
        String struct = "struct " + layout.name().orElseThrow();
        number("sizeof(%s)".formatted(struct), layout.byteSize());
        for (MemoryLayout member : layout.memberLayouts()) {
            if (!(member instanceof PaddingLayout)) {
                String name = member.name().orElseThrow();
                number("offsetof(%s, %s)".formatted(struct, name),
                        layout.byteOffset(PathElement.groupElement(name)));
                number("sizeof(((%s *) 0)->%s)".formatted(struct, name), member.byteSize());
            }
        }
        return this;
    }

    /** Compares a constant. */
    public CHeaders number(String expression, long value) {
        expected.put(expression, value);
        return this;
    }

    /**
     * Compiles and compares; skipped where there is no C compiler, unless {@code -Dmyclerk.required=true}.
     */
    public void check() throws IOException, InterruptedException {
        String missing = "needs cc and the kernel's headers (Debian: gcc, linux-libc-dev)";
        if (Boolean.getBoolean("myclerk.required")) {
            assertTrue(hasCompiler(), missing);
        }
        assumeTrue(hasCompiler(), missing);
        Files.writeString(folder.resolve("facts.c"), program());
        run("cc", "-o", "facts", "facts.c");
        String[] said = run("./facts").split("\n");
        Map<String, Long> facts = new LinkedHashMap<>();
        int line = 0;
        for (String expression : expected.keySet()) {
            facts.put(expression, Long.parseLong(said[line++]));
        }
        assertEquals(expected, facts);
    }

    private String program() {
        String includes = headers.stream().map("#include <%s>\n"::formatted).collect(Collectors.joining());
        String prints = expected.keySet().stream()
                .map("    printf(\"%%lld\\n\", (long long) (%s));\n"::formatted)
                .collect(Collectors.joining());
        return "#include <stddef.h>\n#include <stdio.h>\n%sint main(void)\n{\n%s    return 0;\n}\n"
                .formatted(includes, prints);
    }

    private static boolean hasCompiler() {
        return List.of(System.getenv("PATH").split(":")).stream()
                .anyMatch(path -> Files.isExecutable(Path.of(path, "cc")))
                && Files.exists(Path.of("/usr/include/linux/ioctl.h"));
    }

    private String run(String... command) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile()).start();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            fail(String.join(" ", command) + ":\n" + Files.readString(output));
        }
        return Files.readString(output);
    }
}
