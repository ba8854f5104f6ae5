package org.myclerk.runtime.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A moment as people write it, in the time zone of the node that it is for. */
final class Moment {

    private static final DateTimeFormatter TEXT = DateTimeFormatter.ofPattern("EEE uuuu-MM-dd HH:mm",
            Locale.ENGLISH);
    private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("uuuu-MM-dd H:mm");
    private static final Pattern SPAN = Pattern.compile("(\\d{1,5})\\s*(min|h|d)");

    private Moment() {
    }

    /** Unix seconds as text. */
    static String text(long unixSeconds, ZoneId zone) {
        return TEXT.format(Instant.ofEpochSecond(unixSeconds).atZone(zone));
    }

    /**
     * Reads {@code 18:00} (the next time it is so late), {@code 2026-12-24}, {@code 2026-12-24 18:00}, or
     * {@code 90 min}, {@code 2 h}, {@code 3 d} from now.
     *
     * @return Unix seconds
     */
    static long parse(String option, String text, Instant now, ZoneId zone) throws Failure {
        String plain = text.strip();
        Matcher span = SPAN.matcher(plain);
        try {
            if (span.matches()) {
                long count = Long.parseLong(span.group(1));
                return now.plus(switch (span.group(2)) {
                    case "min" -> Duration.ofMinutes(count);
                    case "h" -> Duration.ofHours(count);
                    default -> Duration.ofDays(count);
                }).getEpochSecond();
            }
            if (plain.matches("\\d{1,2}:\\d\\d")) {
                LocalTime time = LocalTime.parse(plain.length() == 4 ? "0" + plain : plain);
                ZonedDateTime today = now.atZone(zone).toLocalDate().atTime(time).atZone(zone);
                return (today.toInstant().isAfter(now) ? today : today.plusDays(1)).toEpochSecond();
            }
            if (plain.matches("\\d{4}-\\d\\d-\\d\\d")) {
                return LocalDate.parse(plain).atStartOfDay(zone).toEpochSecond();
            }
            return LocalDateTime.parse(plain.replace('T', ' '), MINUTE).atZone(zone).toEpochSecond();
        } catch (DateTimeException _) {
            throw Failure.usage("%s: \"%s\" is no time; write 18:00, 2026-12-24 18:00, 2 h or 3 d".formatted(
                    option, text));
        }
    }
}
