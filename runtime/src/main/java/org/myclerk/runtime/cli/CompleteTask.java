package org.myclerk.runtime.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.myclerk.api.device.DeviceView;
import org.myclerk.api.guard.Person;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.node.SessionState;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.None;
import org.myclerk.api.payload.Shape;
import org.myclerk.api.payload.Shape.Field;
import org.myclerk.api.payload.Shape.Type;
import org.myclerk.vendor.node.ConfigQuery;
import org.myclerk.vendor.node.FeatureState;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.OperationInfo;
import org.myclerk.vendor.node.TableRange;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * {@code complete -- WORD…}, for the completion scripts: prints what could stand in place of the last word, a
 * line each. It is silent about whatever goes wrong, and gives up soon.
 */
final class CompleteTask {

    static final String NAME = "complete";

    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /** The kinds of operations that {@code call} takes. */
    private static final Set<String> CALLED = Set.of("call", "one-way");

    /** Those that {@code watch} takes. */
    private static final Set<String> WATCHED = Set.of("call", "event");

    private CompleteTask() {
    }

    static int run(Streams streams, List<String> words) {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        PrintStream before = System.err;
        System.setErr(nowhere);
        try {
            Streams silent = new Streams(streams.in(), streams.out(), nowhere, streams.environment());
            List<String> line = words.subList(Math.min(words.size(), words.indexOf(NAME) + 1), words.size());
            inTime(silent, line.isEmpty() || !line.getFirst().equals("--") ? line
                    : line.subList(1, line.size()))
                    .forEach(streams.out()::println);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            System.setErr(before);
        }
        streams.out().flush();
        return 0;
    }

    private static List<String> inTime(Streams streams, List<String> words) throws InterruptedException {
        BlockingQueue<List<String>> result = new LinkedBlockingQueue<>();
        Thread.ofPlatform().daemon().name("complete").start(() -> {
            try (Root root = new Root(streams)) {
                Words.home(words).ifPresent(root::home);
                result.add(candidates(root, words));
            } catch (Failure | Refused | IOException | RuntimeException _) {
                result.add(List.of());
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
        List<String> found = result.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        return found == null ? List.of() : found;
    }

    /** What could stand in place of the last word. */
    static List<String> candidates(Root root, List<String> words)
            throws Failure, Refused, IOException, InterruptedException {
        if (words.isEmpty()) {
            return List.copyOf(Commands.ALL.keySet());
        }
        String last = words.getLast();
        List<String> before = words.subList(0, words.size() - 1);
        String name = Words.command(before);
        if (name.isEmpty() && !last.startsWith("-")) {
            return starting(last, Commands.ALL.keySet().stream());
        }
        CommandLine line = Main.commandLine(root, before);
        CommandLine command = line.getSubcommands().size() == 1 ? line.getSubcommands().get(name) : line;
        if (last.startsWith("-")) {
            return starting(last,
                    command.getCommandSpec().options().stream().map(OptionSpec::longestName).sorted());
        }
        List<String> given = positionals(before, command);
        if (given == null) {
            return List.of();
        }
        return starting(last, arguments(root, command, given, last));
    }

    private static Stream<String> arguments(Root root, CommandLine command, List<String> given, String last)
            throws Failure, Refused, IOException, InterruptedException {
        int index = given.size() - 1;
        return switch (given.getFirst()) {
            case "call", "watch" -> switch (index) {
                case 0 -> peers(root);
                case 1 -> operations(root, given.get(1), last,
                        given.getFirst().equals("call") ? CALLED : WATCHED);
                default -> fields(root, given, last);
            };
            case "serial" -> switch (index) {
                case 0 -> peers(root);
                case 1 -> SerialCommand.ports(root.reach().peer(given.get(1))).stream();
                default -> Stream.of();
            };
            case "can" -> switch (index) {
                case 0 -> peers(root);
                case 1 -> PeerCan.ids(root.reach().peer(given.get(1))).stream();
                default -> Stream.of();
            };
            case "onewire" -> switch (index) {
                case 0 -> peers(root);
                case 1 -> Stream.of("list", "temperature", "read", "write");
                default -> Stream.of();
            };
            case "devices" -> index == 0 ? peers(root) : Stream.of();
            case "share", "unshare" -> switch (index) {
                case 0 -> devices(root);
                case 1 -> Stream.of("with");
                case 2 -> subjects(root);
                case 3 -> given.getFirst().equals("share") ? Stream.of("read", "write", "use", "exclusive",
                        "nothing")
                        : Stream.of();
                default -> Stream.of();
            };
            case "who", "audit" -> index == 0 ? devices(root) : Stream.of();
            case "why" -> switch (index) {
                case 0 -> peers(root).filter(peer -> !peer.equals(Reach.SELF));
                case 1 -> operations(root, Reach.SELF, last, CALLED);
                case 2 -> devices(root);
                default -> Stream.of();
            };
            case "person" -> index == 0 ? command.getSubcommands().keySet().stream() : Stream.of();
            case "ops" -> index == 0 ? Stream.concat(peers(root), tables(root, Reach.SELF))
                    : tables(root, given.get(1));
            case "revoke" -> peers(root).filter(peer -> !peer.equals(Reach.SELF));
            case "sessions" -> index == 0 ? command.getSubcommands().keySet().stream()
                    : index == 1 ? sessions(root) : Stream.of();
            case "family" -> index == 0 ? command.getSubcommands().keySet().stream() : Stream.of();
            case "features" -> switch (index) {
                case 0 -> command.getSubcommands().keySet().stream();
                default -> features(root, given.get(1));
            };
            case "config" -> root.reach().own().call(NodeOperations.NODE_CONFIG,
                    new ConfigQuery(Optional.empty()))
                    .settings().stream().map(ConfigCommand::name);
            case "completion" -> Stream.of("bash", "zsh");
            default -> Stream.of();
        };
    }

    /**
     * The words that are neither options nor their values; {@code null} if the word to complete is such a
     * value.
     */
    private static List<String> positionals(List<String> words, CommandLine command) {
        List<String> plain = new ArrayList<>();
        boolean value = false;
        for (String word : words) {
            if (value) {
                value = false;
            } else if (word.startsWith("-") && word.length() > 1) {
                OptionSpec option = command.getCommandSpec().findOption(word);
                value = option != null && option.arity().min() > 0;
            } else {
                plain.add(word);
            }
        }
        return value ? null : plain;
    }

    private static List<String> starting(String beginning, Stream<String> all) {
        return all.filter(candidate -> candidate.startsWith(beginning)).distinct().toList();
    }

    private static Stream<String> peers(Root root) throws Refused, IOException, InterruptedException {
        Stream<String> self = root.client().running() ? Stream.of(Reach.SELF) : Stream.of();
        return Stream.concat(self,
                root.reach().known().stream().filter(peer -> !peer.revoked()).map(PeerState::name));
    }

    private static Stream<String> devices(Root root) throws Refused, IOException, InterruptedException {
        return At.devices(root.reach().own()).stream().map(DeviceView::device);
    }

    private static Stream<String> subjects(Root root) throws Refused, IOException, InterruptedException {
        Stream<String> persons = root.reach().own().call(NodeOperations.NODE_PERSONS, None.NONE).persons()
                .stream()
                .map(Person::name);
        return Stream.concat(Stream.concat(persons, Stream.of("hub", "member", "child", "guest")),
                peers(root).filter(peer -> !peer.equals(Reach.SELF)));
    }

    private static Stream<String> sessions(Root root) throws Refused, IOException, InterruptedException {
        List<SessionState> sessions = root.reach().own().call(NodeOperations.NODE_SESSIONS, None.NONE)
                .sessions();
        return Stream.concat(sessions.stream().map(SessionState::name),
                sessions.stream().map(session -> session.uid().toHex().substring(0, 8)));
    }

    private static Stream<String> features(Root root, String subcommand)
            throws Refused, IOException, InterruptedException {
        return root.reach().own().call(NodeOperations.NODE_FEATURES, None.NONE).features().stream()
                .filter(feature -> switch (subcommand) {
                    case "install" -> !feature.installed();
                    case "remove" -> feature.chosen();
                    case "info" -> true;
                    default -> false;
                }).map(FeatureState::name);
    }

    private static Stream<String> tables(Root root, String peer)
            throws Failure, Refused, IOException, InterruptedException {
        return Operations.of(root.reach().peer(peer)).tables().stream().map(TableRange::name);
    }

    private static Stream<String> operations(Root root, String peer, String last, Set<String> kinds)
            throws Failure, Refused, IOException, InterruptedException {
        Operations operations = Operations.of(root.reach().peer(peer));
        int dot = last.indexOf('.');
        if (dot < 0) {
            return operations.tables().stream().map(table -> table.name() + ".");
        }
        return operations.catalogue(last.substring(0, dot)).stream()
                .filter(operation -> operation.served() && kinds.contains(operation.kind()))
                .map(OperationInfo::command);
    }

    private static Stream<String> fields(Root root, List<String> given, String last)
            throws Failure, Refused, IOException, InterruptedException {
        Operations operations = Operations.of(root.reach().peer(given.get(1)));
        Optional<Shape> shape = operations.find(given.get(2)).info().map(OperationInfo::request);
        return shape.map(known -> fields(known, given.subList(3, given.size()), last).stream())
                .orElse(Stream.of());
    }

    /** The fields that are not given yet, or the values that a field can have. */
    static List<String> fields(Shape shape, List<String> given, String last) {
        int equals = last.indexOf('=');
        if (equals > 0) {
            String name = last.substring(0, equals);
            return shape.fields().stream().filter(field -> field.name().equals(name))
                    .flatMap(field -> values(field.type())).map(value -> name + "=" + value).toList();
        }
        return shape.fields().stream().filter(field -> field.type().kind() == Shape.Kind.LIST
                || given.stream().noneMatch(word -> word.startsWith(field.name() + "=")))
                .map(Field::name).map(name -> name + "=").toList();
    }

    private static Stream<String> values(Type type) {
        return switch (type.kind()) {
            case BOOL -> Stream.of("true", "false");
            case ENUM -> type.values().stream().map(Shape.Value::name);
            case LIST -> values(type.element().orElseThrow());
            default -> Stream.of();
        };
    }
}
