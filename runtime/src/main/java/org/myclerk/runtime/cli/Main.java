package org.myclerk.runtime.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.runtime.NodeMain;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code myclerk}: everything that speaks to a node; {@code up} is handed to {@link NodeMain}. */
public final class Main {

    private static final int INTERRUPTED = 130;

    private Main() {
    }

    /** Runs one command and exits with its status: 0 for success, 1 for failure, 2 for a wrong command. */
    public static void main(String... arguments) throws InterruptedException {
        List<String> words = List.of(arguments);
        if (Words.command(words).equals("up") && !words.contains("--help") && !words.contains("-h")) {
            NodeMain.main(arguments);
            return;
        }
        Streams streams = Streams.ofProcess();
        int status = run(streams, arguments);
        streams.out().flush();
        System.exit(status);
    }

    /** Runs one command. */
    static int run(Streams streams, String... arguments) {
        List<String> words = new ArrayList<>(List.of(arguments));
        if (Words.command(words).equals(CompleteTask.NAME)) {
            return CompleteTask.run(streams, words);
        }
        if (Words.command(words).equals("help")) {
            words.remove("help");
            words.add("--help");
        }
        try (Root root = new Root(streams)) {
            CommandLine line = commandLine(root, words);
            return line.execute(words.toArray(String[]::new));
        }
    }

    /** The model of the command that the words name, or of all. */
    static CommandLine commandLine(Root root, List<String> words) {
        CommandLine line = new CommandLine(root);
        String wanted = Words.command(words);
        Commands.ALL.forEach((name, command) -> {
            if (!Commands.ALL.containsKey(wanted) || name.equals(wanted)) {
                line.addSubcommand(name, command.get());
            }
        });
        line.setExpandAtFiles(false);
        line.setOut(new PrintWriter(root.streams().out(), true));
        line.setErr(new PrintWriter(root.streams().err(), true));
        line.getCommandSpec().versionProvider(() -> new String[] {VersionCommand.line()});
        line.setParameterExceptionHandler((wrong, _) -> usage(root, wrong));
        line.setExecutionExceptionHandler((failed, _, _) -> failure(root, failed));
        line.setUsageHelpAutoWidth(true);
        return line;
    }

    private static int usage(Root root, ParameterException wrong) {
        CommandLine command = wrong.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        String what = wrong.getMessage().lines().findFirst().orElse("wrong arguments");
        if (wrong instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
            String word = unmatched.getUnmatched().getFirst();
            List<String> known = new ArrayList<>(command.getSubcommands().keySet());
            command.getCommandSpec().options().forEach(option -> known.addAll(List.of(option.names())));
            what = "%s \"%s\"%s".formatted(word.startsWith("-") ? "unknown option"
                    : command.getSubcommands().isEmpty() ? "one argument too many:" : "unknown command",
                    word, Suggestion.ending(word, known));
        } else {
            what = Character.toLowerCase(what.charAt(0)) + what.substring(1);
        }
        root.streams().say("%s; see %s --help".formatted(what, name));
        return 2;
    }

    /** Tells what went wrong in one line. */
    private static int failure(Root root, Exception failed) {
        root.streams().out().flush();
        if (root.debug()) {
            failed.printStackTrace(root.streams().err());
        }
        if (failed instanceof Refused refused) {
            refused(root, refused);
            return 1;
        }
        if (failed instanceof InterruptedException) {
            return INTERRUPTED;
        }
        String message = message(failed);
        if (root.json()) {
            root.streams().err().println(Json.line(Map.of("error", message)));
        } else {
            root.streams().say(message);
        }
        return failed instanceof Failure failure ? failure.exitStatus() : 1;
    }

    private static void refused(Root root, Refused refused) {
        if (root.json()) {
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("status", (long) refused.code().value());
            told.put("name", refused.code().name());
            told.put("error", String.valueOf(refused.getMessage()));
            if (refused.requiredTier() != null) {
                told.put("required-tier", (long) refused.requiredTier().number());
            }
            root.streams().err().println(Json.line(told));
            return;
        }
        root.streams().say(message(refused));
    }

    /** A sentence for a failure. */
    static String message(Exception failed) {
        String told = failed.getMessage() == null ? "" : failed.getMessage().lines().findFirst().orElse("");
        return switch (failed) {
            case Failure failure -> failure.getMessage();
            case Refused refused when told.isEmpty() -> refused.code().toString();
            case Refused refused -> refused.code() + ": " + told;
            case NoSuchFileException file -> file.getFile() + " does not exist";
            case FileAlreadyExistsException file -> file.getFile() + " exists already, name another file";
            case FileSystemException file when file.getReason() == null ->
                file.getFile() + " cannot be used, check its rights and its folder";
            case IOException _ when !told.isEmpty() -> told;
            default -> "this should not happen: %s %s; run again with --debug and report it"
                    .formatted(failed.getClass().getSimpleName(), told);
        };
    }
}
