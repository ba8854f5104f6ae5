package org.myclerk.runtime;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.logging.ErrorManager;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Where {@link System.Logger} goes: through java.util.logging to standard error or a file, one line a
 * message; stack traces at level debug only. It is the process's LogManager so that it still logs while the
 * process ends.
 */
public final class Log extends LogManager {

    private static final Map<String, Level> LEVELS = Map.of("trace", Level.FINER, "debug", Level.FINE,
            "info", Level.INFO, "warning", Level.WARNING, "error", Level.SEVERE, "off", Level.OFF);

    /** A file is put aside at this size, in bytes. */
    private static final long FULL = 4 << 20;

    /** So many full files are kept: FILE.1 is the youngest. */
    private static final int KEPT = 4;

    /** Made by java.util.logging itself. */
    public Log() { }

    /** Makes this the process's LogManager; to be called before anything logs. */
    static void install() {
        System.setProperty("java.util.logging.manager", Log.class.getName());
    }

    /** There is no logging.properties: {@link #open} sets everything. */
    @Override
    public void readConfiguration() { }

    /** Keeps the handlers, which the shutdown of the process would take away while bundles still stop. */
    @Override
    public void reset() { }

    /**
     * Directs what is logged from now on.
     *
     * @param settings {@code level} (trace, debug, info, warning, error, off; info if missing) and
     *        {@code file} (relative to the home; standard error if missing)
     * @throws StartFailure if the level is none of these or the file cannot be written
     */
    static void open(Map<String, Object> settings, Path home) throws StartFailure {
        for (String key : settings.keySet()) {
            if (!key.equals("level") && !key.equals("file")) {
                throw StartFailure.failed("there is no setting log.%s; there are log.level and log.file"
                        .formatted(key));
            }
        }
        String name = settings.getOrDefault("level", "info").toString().toLowerCase(Locale.ROOT);
        Level level = LEVELS.get(name);
        if (level == null) {
            throw StartFailure.failed("log.level is trace, debug, info, warning, error or off; not " + name);
        }
        Line line = new Line(level.intValue() <= Level.FINE.intValue());
        Object file = settings.get("file");
        Handler handler = file == null ? new Output(System.err) : new Rotating(home.resolve(file.toString()));
        handler.setFormatter(line);
        handler.setLevel(Level.ALL);
        LogManager manager = getLogManager();
        Logger root = manager.getLogger("");
        for (Handler old : root.getHandlers()) {
            root.removeHandler(old);
        }
        root.addHandler(handler);
        // Libraries are not the operator's business before they warn.
        root.setLevel(level.intValue() > Level.WARNING.intValue() ? level : Level.WARNING);
        Ours.LOGGER.setLevel(level);
    }

    /** Holds our logger, because java.util.logging forgets the level of a logger that nobody holds. */
    private static final class Ours {

        static final Logger LOGGER = Logger.getLogger("org.myclerk");
    }

    /** {@code 2026-11-25T21:35:06.123 INFO org.myclerk.core message}. */
    private static final class Line extends Formatter {

        private static final DateTimeFormatter TIME =
                DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS");
        private final boolean stacks;

        Line(boolean stacks) {
            this.stacks = stacks;
        }

        @Override
        public String format(LogRecord record) {
            var line = new StringBuilder();
            line.append(TIME.format(LocalDateTime.ofInstant(record.getInstant(), ZoneId.systemDefault())))
                    .append(' ').append(word(record.getLevel()))
                    .append(' ').append(record.getLoggerName())
                    .append(' ').append(oneLine(formatMessage(record)));
            Throwable thrown = record.getThrown();
            if (thrown != null && !stacks) {
                line.append(": ").append(oneLine(thrown.toString()));
            }
            line.append('\n');
            if (thrown != null && stacks) {
                var stack = new StringWriter();
                thrown.printStackTrace(new PrintWriter(stack));
                line.append(stack);
            }
            return line.toString();
        }

        private static String word(Level level) {
            int value = level.intValue();
            if (value >= Level.SEVERE.intValue()) {
                return "ERROR";
            } else if (value >= Level.WARNING.intValue()) {
                return "WARNING";
            } else if (value >= Level.CONFIG.intValue()) {
                return "INFO";
            }
            return value >= Level.FINE.intValue() ? "DEBUG" : "TRACE";
        }

        private static String oneLine(String text) {
            return text.replaceAll("\\s*[\\r\\n]+\\s*", " | ").replaceAll("\\p{Cntrl}", "?");
        }
    }

    /** Writes to a stream, a message at a time. */
    private static class Output extends Handler {

        private OutputStream out;

        Output(OutputStream out) {
            this.out = out;
        }

        @Override
        public synchronized void publish(LogRecord record) {
            if (isLoggable(record)) {
                try {
                    byte[] line = getFormatter().format(record).getBytes(StandardCharsets.UTF_8);
                    write(out, line);
                } catch (IOException e) {
                    reportError(null, e, ErrorManager.WRITE_FAILURE);
                }
            }
        }

        void write(OutputStream to, byte[] line) throws IOException {
            to.write(line);
            to.flush();
        }

        final void to(OutputStream other) {
            out = other;
        }

        @Override
        public void flush() { }

        @Override
        public void close() { }
    }

    /** Writes to a file, which is put aside when it is full. */
    private static final class Rotating extends Output {

        private final Path file;
        private long size;

        Rotating(Path file) throws StartFailure {
            super(OutputStream.nullOutputStream());
            this.file = file;
            try {
                to(append());
            } catch (IOException e) {
                throw StartFailure.failed("the log %s cannot be written: %s".formatted(file, Home.reason(e)));
            }
        }

        @Override
        void write(OutputStream out, byte[] line) throws IOException {
            OutputStream current = out;
            if (size > 0 && size + line.length > FULL) {
                out.close();
                for (int i = KEPT - 1; i >= 0; i--) {
                    if (Files.exists(aside(i))) {
                        Files.move(aside(i), aside(i + 1), StandardCopyOption.REPLACE_EXISTING);
                    }
                }
                current = append();
                to(current);
            }
            size += line.length;
            super.write(current, line);
        }

        private Path aside(int age) {
            return age == 0 ? file : file.resolveSibling(file.getFileName() + "." + age);
        }

        private OutputStream append() throws IOException {
            OutputStream opened = Files.newOutputStream(file, StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
            size = Files.size(file);
            return opened;
        }
    }
}
