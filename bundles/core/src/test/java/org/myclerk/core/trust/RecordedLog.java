package org.myclerk.core.trust;

import java.text.MessageFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the bundle logged while this was open. */
final class RecordedLog extends Handler implements AutoCloseable {

    private final Logger logger = Logger.getLogger("org.myclerk.core");
    private final List<String> lines = new CopyOnWriteArrayList<>();

    RecordedLog() {
        logger.setUseParentHandlers(false);
        logger.setLevel(Level.ALL);
        logger.addHandler(this);
    }

    @Override
    public void publish(LogRecord record) {
        lines.add(record.getLevel() + " "
                + MessageFormat.format(record.getMessage(), record.getParameters()));
    }

    List<String> lines(String containing) {
        return lines.stream().filter(line -> line.contains(containing)).toList();
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    @Override
    public void flush() {
        // Nothing is held back.
    }

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(true);
        logger.setLevel(null);
    }
}
