package org.myclerk.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Follows {@code docs/write-a-capability.md} to the letter: writes its files, runs its commands, compares the
 * output.
 */
@Timeout(value = 6 * Distribution.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WriteACapabilityTest {

    /** A block of code, and before it the name of the file that it is. */
    private static final Pattern BLOCK = Pattern.compile("(?:^`([^`\\n]+)`\\n\\n)?^```(\\w+)\\n(.*?)^```$",
            Pattern.MULTILINE | Pattern.DOTALL);

    private record Block(String file, String language, String text) { }

    @TempDir
    Path folder;

    @Test
    void leadsToARunningCapability() throws Exception {
        VendorTools tools = new VendorTools(folder.resolve("tools"));
        Path project = Files.createDirectory(folder.resolve("notes"));
        try (NodeProcess node = new NodeProcess(Distribution.built(), folder.resolve("home"), "--features",
                "minimal")) {
            tools.program("myclerk", "exec %s/bin/myclerk --home %s \"$@\"".formatted(Distribution.built()
                    .folder(),
                    node.home()));
            List<String> printed = List.of();
            var kinds = new ArrayList<String>();
            var written = new TreeMap<String, String>();
            for (Block block : blocks()) {
                kinds.add(block.language);
                if (block.file != null) {
                    Path file = project.resolve(block.file);
                    Files.createDirectories(file.getParent());
                    Files.writeString(file, block.text);
                    written.put(block.file, block.text);
                } else if (block.language.equals("sh")) {
                    printed = tools.run(project, block.text);
                } else {
                    assertEquals("text", block.language, "every other block is a file and says which");
                    assertEquals(block.text.lines().toList(), printed);
                }
            }
            assertEquals(written, files(project.resolve("com.example.notes")), "what the archetype makes");
            assertTrue(kinds.containsAll(List.of("xml", "java", "sh", "text")), kinds::toString);
            assertTrue(node.fail("call", "self", "note.list").contains("has no table note"),
                    "it was removed at last");
        }
    }

    @Test
    void theArchetypeTakesANameOfTheVendorsOwn() throws Exception {
        VendorTools tools = new VendorTools(folder.resolve("tools"));
        tools.run(folder, blocks().getFirst().text.replace("com.example", "com.acme")
                .replace("notes", "memos"));
        Path project = folder.resolve("com.acme.memos");
        tools.run(project, "mvn -q package");
        Path jar = project.resolve("target/com.acme.memos-1.0.0.jar");
        try (NodeProcess node = new NodeProcess(Distribution.built(), folder.resolve("home"), "--features",
                "minimal")) {
            node.succeed("features", "install", "--allow-unsigned", jar.toString());
            assertEquals(List.of("{}"), node.succeed("call", "self", "note.add", "text=buy milk"));
            assertEquals(List.of("{\"notes\":[{\"text\":\"buy milk\"}]}"),
                    node.succeed("call", "self", "note.list"));
            assertTrue(node.succeed("features").stream().anyMatch(line -> line.contains("com.acme.memos")));
        }
    }

    private static Map<String, String> files(Path folder) throws IOException {
        var files = new TreeMap<String, String>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(folder.relativize(file).toString(), Files.readString(file));
            }
        }
        return files;
    }

    private static List<Block> blocks() throws IOException {
        Matcher matcher = BLOCK.matcher(Files.readString(Distribution.root()
                .resolve("docs/write-a-capability.md")));
        var blocks = new ArrayList<Block>();
        while (matcher.find()) {
            blocks.add(new Block(matcher.group(1), matcher.group(2), matcher.group(3)));
        }
        return blocks;
    }
}
