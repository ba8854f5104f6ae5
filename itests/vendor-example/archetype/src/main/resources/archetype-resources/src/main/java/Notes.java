package ${package};

import java.util.List;

/** All notes, oldest first. */
public record Notes(List<Note> notes) {
}
