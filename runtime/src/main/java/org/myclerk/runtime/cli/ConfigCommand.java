package org.myclerk.runtime.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.vendor.node.Config;
import org.myclerk.vendor.node.ConfigQuery;
import org.myclerk.vendor.node.ConfigSet;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.Setting;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists and changes the settings of a node. */
@Command(name = "config", description = "List the settings of a node, or change some at once.")
final class ConfigCommand extends NodeTask {

    private static final String PREFIX = "org.myclerk.";

    @Parameters(arity = "0..*", paramLabel = "KEY[=VALUE]",
            description = "Keys to show, such as core.node or "
            + "core.node.sessions; or to set, core.node.sessions=10000. The same key again makes a list.")
    private List<String> words = List.of();

    @Option(names = "--unset", description = "Take the keys back to what holds by itself.")
    private boolean unset;

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        Peer node = node();
        if (unset) {
            for (String word : words) {
                node.call(NodeOperations.NODE_CONFIG_SET, set(word, List.of()));
            }
        }
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals >= 0 && !unset) {
                values.computeIfAbsent(word.substring(0, equals), _ -> new ArrayList<>())
                        .add(word.substring(equals + 1));
            }
        }
        for (var entry : values.entrySet()) {
            node.call(NodeOperations.NODE_CONFIG_SET, set(entry.getKey(), entry.getValue()));
        }
        print(node.call(NodeOperations.NODE_CONFIG, new ConfigQuery(Optional.empty())));
    }

    private static ConfigSet set(String key, List<String> values) throws Failure {
        int dot = key.lastIndexOf('.');
        if (dot < 1 || dot + 1 == key.length()) {
            throw Failure.usage("%s: a key has a dot, such as core.node.sessions".formatted(key));
        }
        return new ConfigSet(pid(key.substring(0, dot)), key.substring(dot + 1), values);
    }

    private static String pid(String name) {
        return name.startsWith(PREFIX) || name.startsWith("com.") ? name : PREFIX + name;
    }

    private void print(Config config) throws Failure {
        List<Setting> shown = config.settings().stream().filter(this::wanted).toList();
        if (json()) {
            root().print(NodeOperations.NODE_CONFIG, new Config(shown));
            return;
        }
        if (shown.isEmpty()) {
            throw new Failure("%s: there is no such setting; myclerk config lists all".formatted(
                    String.join(" ", words)));
        }
        Table table = new Table("KEY", "VALUE", "MAY BE", "WHAT IT IS");
        for (Setting setting : shown) {
            table.row(name(setting), String.join(",", setting.values()) + (setting.set() ? " *" : ""),
                    setting.range(),
                    setting.description());
        }
        table.print(out());
    }

    private boolean wanted(Setting setting) {
        return words.isEmpty() || words.stream().map(word -> word.split("=")[0])
                .anyMatch(word -> name(setting).equals(word) || name(setting).startsWith(word + ".")
                        || (setting.pid() + "." + setting.key()).startsWith(word));
    }

    static String name(Setting setting) {
        String name = setting.pid() + "." + setting.key();
        return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
    }
}
