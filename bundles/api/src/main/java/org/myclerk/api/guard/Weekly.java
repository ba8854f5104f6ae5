package org.myclerk.api.guard;

import java.time.DayOfWeek;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.myclerk.api.payload.Range;

/**
 * A span of time that comes back every week, in the time zone of the node that owns the device; also a
 * payload.
 *
 * @param days on which it begins, bit 0 is Monday, bit 6 Sunday
 * @param start minute of the day at which it begins, 0..1439
 * @param end minute of the day before which it ends, 1..1440; at or before {@code start} it is one of the
 *     next day
 */
public record Weekly(@Range(min = 1, max = 127) int days, @Range(max = 1439) int start,
        @Range(min = 1, max = 1440) int end) {

    private static final Pattern SPAN =
            Pattern.compile("(?:(.*?)\\s+)?(\\d{1,2})[:.]?(\\d\\d)?\\s*-\\s*(\\d{1,2})[:.]?(\\d\\d)?");

    public boolean on(DayOfWeek day) {
        return (days >> day.ordinal() & 1) == 1;
    }

    /** Whether it ends on the day after it began. */
    public boolean overnight() {
        return end <= start;
    }

    /**
     * Reads spans as people write them: {@code Sat 14:00-18:00}, {@code Mon-Fri 15:00-17:30, Sat,Sun 10-20},
     * {@code 22:00-02:00}.
     *
     * @throws IllegalArgumentException with a sentence for people
     */
    public static List<Weekly> parse(String text) {
        List<Weekly> spans = new ArrayList<>();
        String pending = "";
        for (String part : text.strip().split("[,;]")) {
            String whole = (pending.isEmpty() ? "" : pending + ",") + part.strip();
            Matcher span = SPAN.matcher(whole);
            if (span.matches()) {
                spans.add(new Weekly(days(span.group(1)), minute(span.group(2), span.group(3), 1439),
                        minute(span.group(4), span.group(5), 1440)));
                pending = "";
            } else {
                pending = whole;
            }
        }
        if (!pending.isEmpty() || spans.isEmpty()) {
            throw new IllegalArgumentException(
                    "\"%s\" is no time of the week: write it like Sat 14:00-18:00".formatted(text));
        }
        return List.copyOf(spans);
    }

    private static int minute(String hour, String minute, int most) {
        int minutes = minute == null ? 0 : Integer.parseInt(minute);
        int all = Integer.parseInt(hour) * 60 + minutes;
        if (minutes > 59 || all > most) {
            throw new IllegalArgumentException("%s:%02d is no time of the day".formatted(hour, minutes));
        }
        return all;
    }

    private static int days(String text) {
        if (text == null || text.equalsIgnoreCase("daily")) {
            return 127;
        }
        int days = 0;
        for (String part : text.split("\\s*[,+]\\s*|\\s+")) {
            String[] ends = part.split("-", -1);
            int first = day(ends[0]);
            int last = day(ends[ends.length - 1]);
            if (ends.length > 2) {
                throw new IllegalArgumentException("\"%s\" names no days: write Sat or Mon-Fri".formatted(
                        part));
            }
            for (int day = first; ; day = (day + 1) % 7) {
                days |= 1 << day;
                if (day == last) {
                    break;
                }
            }
        }
        return days;
    }

    private static int day(String text) {
        for (DayOfWeek day : DayOfWeek.values()) {
            if (text.length() >= 2 && day.name().startsWith(text.toUpperCase(Locale.ROOT))) {
                return day.ordinal();
            }
        }
        throw new IllegalArgumentException("\"%s\" is no day: write Mon, Tue, Wed, Thu, Fri, Sat or Sun"
                .formatted(text));
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        List<String> names = new ArrayList<>();
        for (DayOfWeek day : DayOfWeek.values()) {
            if (on(day)) {
                names.add(day.getDisplayName(TextStyle.SHORT, Locale.ENGLISH));
            }
        }
        String when = days == 127 ? "daily" : days == 31 ? "Mon-Fri" : String.join("+", names);
        return "%s %02d:%02d-%02d:%02d".formatted(when, start / 60, start % 60, end / 60, end % 60);
    }
}
