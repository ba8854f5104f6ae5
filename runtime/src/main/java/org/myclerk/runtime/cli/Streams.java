package org.myclerk.runtime.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What a command reads from and writes to.
 *
 * @param in standard input
 * @param out results, for people and programs
 * @param err everything else that is said
 * @param environment variables
 */
record Streams(InputStream in, PrintStream out, PrintStream err, Map<String, String> environment) {

    static Streams ofProcess() {
        return new Streams(System.in,
                new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out),
                false, StandardCharsets.UTF_8), new PrintStream(
                new java.io.FileOutputStream(java.io.FileDescriptor.err), true, StandardCharsets.UTF_8),
                System.getenv());
    }

    /** Tells something beside the result. */
    void say(String line) {
        err.println("myclerk: " + line);
    }
}
