package org.myclerk.runtime;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the command line of {@code up} asks for.
 *
 * @param home the node's folder, absolute
 * @param listen endpoints, {@code HOST:PORT}; empty for what the configuration says
 * @param features names; empty for no others than those of the home
 * @param settings in the order given
 * @param help whether only the usage is wanted
 */
record UpOptions(Path home, List<String> listen, List<String> features, List<Setting> settings,
        boolean help) {

    static final String USAGE = """
            Usage: myclerk up [--home DIR] [--listen HOST:PORT]... [--features A,B,...] [--set KEY=VALUE]...

            Runs the node in the foreground; prints "ready tcp HOST:PORT" once it answers.

              --home DIR          the node's folder; $MYCLERK_HOME, or ~/.myclerk, if not given
              --listen HOST:PORT  where it listens; port 0 picks a free one; [::]:5657 if not given; may be
                                  repeated
              --features A,B,...  installs these beside what is installed; a new home gets them instead
                                  of "default"
              --set KEY=VALUE     a setting for this run, e.g. core.node.sessions=10000, log.level=debug,
                                  log.file=node.log; the same key again makes a list
              --help              this text

            Lasting settings stand in config.json in the home.
            """;

    /**
     * One {@code --set}.
     *
     * @param pid of the configuration, {@code org.myclerk.} and all before the last dot of the key
     */
    record Setting(String pid, String key, String value) {

        static Setting parse(String text) throws StartFailure {
            int equals = text.indexOf('=');
            int dot = text.lastIndexOf('.', equals);
            if (equals < 0 || dot < 1 || dot + 1 == equals) {
                throw StartFailure.usage(
                        "--set takes KEY=VALUE, the key with a dot: core.node.sessions=10000; got " + text);
            }
            return new Setting(Configurations.PREFIX + text.substring(0, dot),
                    text.substring(dot + 1, equals), text.substring(equals + 1));
        }
    }

    /**
     * Reads the arguments; the word {@code up} may stand anywhere among them.
     *
     * @param userHome where {@code .myclerk} is if no home is named
     * @throws StartFailure with status 2 and a line that names the wrong argument
     */
    static UpOptions parse(List<String> arguments, Path userHome) throws StartFailure {
        Path home = userHome.resolve(".myclerk");
        var listen = new ArrayList<String>();
        var features = new ArrayList<String>();
        var settings = new ArrayList<Setting>();
        boolean help = false;
        boolean up = false;
        var rest = new ArrayList<>(arguments);
        while (!rest.isEmpty()) {
            String argument = rest.removeFirst();
            int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
            String name = equals < 0 ? argument : argument.substring(0, equals);
            Optional<String> attached =
                    equals < 0 ? Optional.empty() : Optional.of(argument.substring(equals + 1));
            switch (name) {
                case "--home" -> home = Path.of(value(name, attached, rest));
                case "--listen" -> listen.add(endpoint(value(name, attached, rest)));
                case "--features" -> features.addAll(Features.names(value(name, attached, rest)));
                case "--set" -> settings.add(Setting.parse(value(name, attached, rest)));
                case "--help", "-h" -> help = true;
                default -> {
                    if (up || !argument.equals("up")) {
                        throw StartFailure.usage("up does not know " + argument + "; see myclerk up --help");
                    }
                    up = true;
                }
            }
        }
        return new UpOptions(home.toAbsolutePath().normalize(), List.copyOf(listen), List.copyOf(features),
                List.copyOf(settings), help);
    }

    private static String value(String name, Optional<String> attached, List<String> rest)
            throws StartFailure {
        String value = attached.orElseGet(() -> rest.isEmpty() ? "" : rest.removeFirst());
        if (value.isEmpty() || attached.isEmpty() && value.startsWith("--")) {
            throw StartFailure.usage(name + " needs a value; see myclerk up --help");
        }
        return value;
    }

    private static String endpoint(String text) throws StartFailure {
        int colon = text.lastIndexOf(':');
        String host = text.substring(0, Math.max(colon, 0));
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (host.isEmpty() || !bracketed && host.indexOf(':') >= 0
                || !text.substring(colon + 1).matches("[0-9]{1,5}")
                || Integer.parseInt(text.substring(colon + 1)) > 65535) {
            throw StartFailure.usage(
                    "--listen takes HOST:PORT, an IPv6 address in brackets, such as [::]:5657; got " + text);
        }
        return text;
    }
}
