package org.myclerk.device.gpio;

import java.util.List;
import java.util.Objects;

/**
 * How a line is set up (linux/gpio.h, GPIO_V2_LINE_FLAG_*).
 *
 * @param activeLow whether "active" is the low level
 * @param edge which edges are reported
 * @param clock what the timestamps of edges count from
 * @param debounceMicros how long a level must last, 0 for no debouncing
 */
public record GpioSettings(Direction direction, boolean activeLow, Bias bias, Drive drive, Edge edge,
        Clock clock, int debounceMicros) {

    /** An input as the board has it. */
    public static final GpioSettings INPUT = new GpioSettings(Direction.INPUT, false, Bias.AS_IS,
            Drive.PUSH_PULL, Edge.NONE, Clock.MONOTONIC, 0);

    public enum Direction { AS_IS, INPUT, OUTPUT }

    public enum Bias { AS_IS, DISABLED, PULL_UP, PULL_DOWN }

    public enum Drive { PUSH_PULL, OPEN_DRAIN, OPEN_SOURCE }

    public enum Edge { NONE, RISING, FALLING, BOTH }

    public enum Clock { MONOTONIC, REALTIME }

    public GpioSettings {
        Objects.requireNonNull(direction);
        Objects.requireNonNull(bias);
        Objects.requireNonNull(drive);
        Objects.requireNonNull(edge);
        Objects.requireNonNull(clock);
        if (debounceMicros < 0) {
            throw new IllegalArgumentException("a debounce period is not negative, got " + debounceMicros);
        }
    }

    /**
     * The same with edges reported. An edge has to be seen, so that the line becomes an input if it is as it
     * was.
     */
    public GpioSettings watching(Edge edges, Clock stamp) {
        return new GpioSettings(edges != Edge.NONE && direction == Direction.AS_IS ? Direction.INPUT
                : direction, activeLow, bias, drive, edges, stamp, debounceMicros);
    }

    /** The same in types of the JDK. */
    List<Object> toList() {
        return List.of(direction.name(), activeLow, bias.name(), drive.name(), edge.name(), clock.name(),
                debounceMicros);
    }

    /** What {@link #toList} gave; throws whatever if it is something else. */
    static GpioSettings of(List<?> list) {
        return new GpioSettings(Direction.valueOf((String) list.get(0)), (Boolean) list.get(1),
                Bias.valueOf((String) list.get(2)), Drive.valueOf((String) list.get(3)),
                Edge.valueOf((String) list.get(4)), Clock.valueOf((String) list.get(5)),
                (Integer) list.get(6));
    }
}
