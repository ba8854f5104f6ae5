package org.myclerk.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.api.guard.Audit;
import org.myclerk.api.guard.Audit.Entry;
import org.myclerk.api.payload.Bytes;
import org.myclerk.store.SqliteStore;

class AuditLogTest {

    private static final Bytes PHONE = Bytes.ofHex("01".repeat(16));
    private static final Optional<String> LAMP = Optional.of("lamp");

    @TempDir
    Path folder;

    private final ManualClock clock = new ManualClock("2026-11-26T12:00:00", ZoneOffset.UTC);
    private final ManualSchedule schedule = new ManualSchedule();
    private SqliteStore store;
    private AuditLog audit;

    @BeforeEach
    void open() {
        store = new SqliteStore(folder.resolve("node.db"));
        audit = new AuditLog(store, clock, schedule, 100);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private int stored() {
        return store.all("devices.audit").size();
    }

    @Test
    void commitsNotesInGroups() {
        for (int i = 0; i < 50; i++) {
            audit.note(Audit.Kind.LEASE, "phone", LAMP, "took it into use " + i);
        }
        assertEquals(0, stored());
        schedule.pass(Duration.ofSeconds(1));
        assertEquals(50, stored());
        audit.note(Audit.Kind.LEASE, "phone", LAMP, "gave it back");
        audit.stop();
        assertEquals(51, stored(), "what waits is written at the end");
    }

    @Test
    void sumsUpRefusalsAndUses() {
        for (int i = 0; i < 1_000; i++) {
            audit.refused("phone", LAMP, "SERIAL_DATA_WRITE: mode");
            audit.used(PHONE, "phone", "lamp");
        }
        audit.used(PHONE, "phone", "other");
        schedule.pass(Duration.ofMinutes(1));
        schedule.pass(Duration.ofSeconds(1));
        assertEquals(3, stored());
        List<Entry> entries = audit.entries(Long.MAX_VALUE, 10, LAMP);
        assertEquals(List.of(1_000L, 1_000L), entries.stream().map(Entry::count).toList());
        schedule.pass(Duration.ofMinutes(5));
        assertEquals(3, stored(), "nothing is written of what nobody did");
    }

    @Test
    void keepsTheNewestAndGivesThemInPages() {
        for (int i = 1; i <= 250; i++) {
            audit.note(Audit.Kind.LEASE, "phone", LAMP, "note " + i);
            if (i % 7 == 0) {
                audit.flush();
            }
        }
        audit.flush();
        assertEquals(100, stored());
        List<Entry> first = audit.entries(Long.MAX_VALUE, 60, Optional.empty());
        List<Entry> second = audit.entries(first.getLast().number(), 60, Optional.empty());
        List<String> all = java.util.stream.Stream.concat(first.stream(), second.stream()).map(Entry::text)
                .toList();
        assertEquals(IntStream.iterate(250, i -> i - 1).limit(100).mapToObj(i -> "note " + i).toList(), all);
        assertEquals(List.of(), audit.entries(Long.MAX_VALUE, 10, Optional.of("another")));
        audit = new AuditLog(store, clock, schedule, 100);
        audit.note(Audit.Kind.LEASE, "phone", LAMP, "after a restart");
        assertEquals("after a restart", audit.entries(Long.MAX_VALUE, 1, Optional.empty()).getFirst().text());
        assertEquals(100, stored());
    }

    @Test
    void isBoundedWhileNobodyWrites() {
        for (int i = 0; i < 5_000; i++) {
            audit.note(Audit.Kind.LEASE, "phone", LAMP, "note");
            audit.refused("node " + i, LAMP, "refused");
        }
        assertEquals("more than could be noted",
                audit.entries(Long.MAX_VALUE, 1, Optional.empty()).getFirst().text());
    }

    @Test
    void cutsWhatIsTooLong() {
        audit.note(Audit.Kind.LEASE, "ü".repeat(200), LAMP, "€".repeat(1_000));
        Entry entry = audit.entries(Long.MAX_VALUE, 1, Optional.empty()).getFirst();
        assertEquals("ü".repeat(64), entry.who());
        assertEquals("€".repeat(170), entry.text());
    }
}
