package ${package};

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Size;

/** A note. */
public record Note(@Size(min = 1, max = 500) @Help("what to remember") String text) {
}
