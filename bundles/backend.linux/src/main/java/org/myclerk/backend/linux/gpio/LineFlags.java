package org.myclerk.backend.linux.gpio;

import org.myclerk.device.gpio.GpioSettings;
import org.myclerk.device.gpio.GpioSettings.Bias;
import org.myclerk.device.gpio.GpioSettings.Clock;
import org.myclerk.device.gpio.GpioSettings.Direction;
import org.myclerk.device.gpio.GpioSettings.Drive;
import org.myclerk.device.gpio.GpioSettings.Edge;

/** {@code enum gpio_v2_line_flag} of linux/gpio.h, GPIO_V2_LINE_FLAG_*. */
final class LineFlags {

    static final long USED = 1;
    static final long ACTIVE_LOW = 1 << 1;
    static final long INPUT = 1 << 2;
    static final long OUTPUT = 1 << 3;
    static final long EDGE_RISING = 1 << 4;
    static final long EDGE_FALLING = 1 << 5;
    static final long OPEN_DRAIN = 1 << 6;
    static final long OPEN_SOURCE = 1 << 7;
    static final long BIAS_PULL_UP = 1 << 8;
    static final long BIAS_PULL_DOWN = 1 << 9;
    static final long BIAS_DISABLED = 1 << 10;
    static final long EVENT_CLOCK_REALTIME = 1 << 11;

    private LineFlags() {
    }

    static long of(GpioSettings settings) {
        long flags = settings.activeLow() ? ACTIVE_LOW : 0;
        flags |= switch (settings.direction()) {
            case AS_IS -> 0;
            case INPUT -> INPUT;
            case OUTPUT -> OUTPUT;
        };
        flags |= switch (settings.bias()) {
            case AS_IS -> 0;
            case DISABLED -> BIAS_DISABLED;
            case PULL_UP -> BIAS_PULL_UP;
            case PULL_DOWN -> BIAS_PULL_DOWN;
        };
        flags |= switch (settings.drive()) {
            case PUSH_PULL -> 0;
            case OPEN_DRAIN -> OPEN_DRAIN;
            case OPEN_SOURCE -> OPEN_SOURCE;
        };
        flags |= switch (settings.edge()) {
            case NONE -> 0;
            case RISING -> EDGE_RISING;
            case FALLING -> EDGE_FALLING;
            case BOTH -> EDGE_RISING | EDGE_FALLING;
        };
        return settings.clock() == Clock.REALTIME ? flags | EVENT_CLOCK_REALTIME : flags;
    }

    static GpioSettings settings(long flags, int debounceMicros) {
        Direction direction = has(flags, OUTPUT) ? Direction.OUTPUT
                : has(flags, INPUT) ? Direction.INPUT : Direction.AS_IS;
        Bias bias = has(flags, BIAS_PULL_UP) ? Bias.PULL_UP : has(flags, BIAS_PULL_DOWN) ? Bias.PULL_DOWN
                : has(flags, BIAS_DISABLED) ? Bias.DISABLED : Bias.AS_IS;
        Drive drive = has(flags, OPEN_DRAIN) ? Drive.OPEN_DRAIN
                : has(flags, OPEN_SOURCE) ? Drive.OPEN_SOURCE : Drive.PUSH_PULL;
        Edge edge = has(flags, EDGE_RISING) && has(flags, EDGE_FALLING) ? Edge.BOTH
                : has(flags, EDGE_RISING) ? Edge.RISING : has(flags, EDGE_FALLING) ? Edge.FALLING : Edge.NONE;
        return new GpioSettings(direction, has(flags, ACTIVE_LOW), bias, drive, edge,
                has(flags, EVENT_CLOCK_REALTIME) ? Clock.REALTIME : Clock.MONOTONIC, debounceMicros);
    }

    private static boolean has(long flags, long flag) {
        return (flags & flag) != 0;
    }
}
