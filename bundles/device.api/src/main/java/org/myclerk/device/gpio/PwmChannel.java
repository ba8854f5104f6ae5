package org.myclerk.device.gpio;

import java.util.List;

import org.myclerk.device.DeviceException;
import org.osgi.annotation.versioning.ConsumerType;

/** A PWM output that was taken. Thread-safe. */
@ConsumerType
public interface PwmChannel extends AutoCloseable {

    /**
     * How it runs.
     *
     * @param periodNanos of one cycle, 1 or more, before it may run
     * @param dutyNanos the active part of it, 0..periodNanos
     * @param inversed whether the active part is low
     */
    record Settings(long periodNanos, long dutyNanos, boolean inversed, boolean enabled) {

        public Settings {
            if (periodNanos < 1 || dutyNanos < 0 || dutyNanos > periodNanos) {
                throw new IllegalArgumentException("a duty of %d ns does not fit into a period of %d ns"
                        .formatted(dutyNanos, periodNanos));
            }
        }

        /** The same in types of the JDK. */
        List<Object> toList() {
            return List.of(periodNanos, dutyNanos, inversed, enabled);
        }

        /** What {@link #toList} gave; throws whatever if it is something else. */
        static Settings of(List<?> list) {
            return new Settings((Long) list.get(0), (Long) list.get(1), (Boolean) list.get(2),
                    (Boolean) list.get(3));
        }
    }

    Settings settings();

    /** Changes all settings; if that fails the output is off. */
    void configure(Settings settings) throws DeviceException;

    /** Turns the output off and gives it back. Closing twice is harmless. */
    @Override
    void close();
}
