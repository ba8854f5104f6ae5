package org.myclerk.vendor.node;

import java.util.List;

/**
 * A setting; {@code range} says what it may be, {@code set} whether it differs from what holds by itself,
 * {@code several} whether it is a list.
 */
public record Setting(String pid, String key, List<String> values, boolean set, boolean several, String range,
        String description) {
}
