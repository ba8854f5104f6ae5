package org.myclerk.testing;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import org.myclerk.api.guard.Audit;

/** Writes down what it is told. */
public final class TestAudit implements Audit {

    /** What was noted, a line each, oldest first. */
    public final BlockingQueue<String> notes = new LinkedBlockingQueue<>();

    @Override
    public void note(Kind kind, String who, Optional<String> device, String text) {
        notes.add("%s %s %s: %s".formatted(kind, who, device.orElse("-"), text));
    }

    @Override
    public List<Entry> entries(long before, int limit, Optional<String> device) {
        return List.of();
    }
}
