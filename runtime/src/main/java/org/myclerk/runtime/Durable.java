package org.myclerk.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonWriter;
import jakarta.json.stream.JsonGenerator;

/** Files that are there as a whole or not at all, whenever the machine stops. */
final class Durable {

    private static final String NEW = ".new";

    private Durable() { }

    /** Replaces a file by a JSON object. */
    static void write(Path file, JsonObject object) throws IOException {
        var text = new StringWriter();
        try (JsonWriter out = Json.createWriterFactory(Map.of(JsonGenerator.PRETTY_PRINTING, true))
                .createWriter(text)) {
            out.write(object);
        }
        byte[] bytes = (text.toString().strip() + "\n").getBytes(StandardCharsets.UTF_8);
        place(file, out -> out.write(bytes));
    }

    /** Copies a file to a place where nothing is, or the same. */
    static void copy(Path from, Path to) throws IOException {
        place(to, out -> {
            try (InputStream in = Files.newInputStream(from)) {
                in.transferTo(out);
            }
        });
    }

    /** SHA-256 of a file, hexadecimal. */
    static String digest(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            var digest = new DigestOutputStream(OutputStream.nullOutputStream(),
                    MessageDigest.getInstance("SHA-256"));
            in.transferTo(digest);
            return HexFormat.of().formatHex(digest.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private interface Content {

        void to(OutputStream out) throws IOException;
    }

    private static void place(Path file, Content content) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + NEW);
        try (FileChannel channel = FileChannel.open(next, StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            content.to(Channels.newOutputStream(channel));
            channel.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(next);
            throw e;
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent(),
                StandardOpenOption.READ)) {
            folder.force(true);
        }
    }
}
