package org.myclerk.backend.sim;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;

import org.myclerk.api.device.Setting;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.device.serial.SerialLines;

/**
 * A GPS receiver that walks around a square and says so in NMEA 0183 sentences; what is sent to it is
 * ignored.
 */
final class GpsReceiver implements SimSerialPort.FarEnd {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HHmmss.SS")
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("ddMMyy")
            .withZone(ZoneOffset.UTC);

    private final InstantSource clock;
    private volatile Duration interval;
    private volatile boolean fix = true;

    GpsReceiver(InstantSource clock, Duration interval) {
        this.clock = clock;
        this.interval = interval;
    }

    @Override
    public void opened(SimSerialPort.Opened port) {
        Thread.ofVirtual().name("sim-gps").start(() -> talk(port));
    }

    private void talk(SimSerialPort.Opened port) {
        try {
            do {
                String sentences = rmc(clock.instant()) + gga(clock.instant());
                port.incoming().offer(Bytes.wrap(sentences.getBytes(StandardCharsets.US_ASCII)));
            } while (port.lasts(interval));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public List<Setting> settings() {
        return List.of(Setting.bool("fix", "whether it sees satellites"),
                Setting.integer("interval-ms", 100, 60_000, "how often it tells, in milliseconds"));
    }

    @Override
    public Fields values() {
        return Fields.of(Map.of("fix", fix, "interval-ms", interval.toMillis()));
    }

    @Override
    public void configure(Map<String, Object> values) {
        fix = (Boolean) values.getOrDefault("fix", fix);
        interval = Duration.ofMillis((Long) values.getOrDefault("interval-ms", interval.toMillis()));
    }

    private String rmc(Instant now) {
        if (!fix) {
            return sentence("GPRMC,%s,V,,,,,,,%s,,,N".formatted(TIME.format(now), DATE.format(now)));
        }
        return sentence("GPRMC,%s,A,%s,1.9,%s,%s,,,A".formatted(TIME.format(now), position(now), course(now),
                DATE.format(now)));
    }

    private String gga(Instant now) {
        if (!fix) {
            return sentence("GPGGA,%s,,,,,0,00,99.9,,,,,,".formatted(TIME.format(now)));
        }
        return sentence("GPGGA,%s,%s,1,08,0.9,117.0,M,39.5,M,,".formatted(TIME.format(now), position(now)));
    }

    /** A minute along each side of the square. */
    private static int side(Instant now) {
        return (int) Math.floorMod(now.getEpochSecond() / 60, 4L);
    }

    private static String course(Instant now) {
        return side(now) * 90 + ".0";
    }

    private static String position(Instant now) {
        long along = Math.floorMod(now.getEpochSecond(), 60L);
        long north = switch (side(now)) {
            case 0 -> along;
            case 1 -> 60;
            case 2 -> 60 - along;
            default -> 0;
        };
        long east = switch (side(now)) {
            case 0 -> 0;
            case 1 -> along;
            case 2 -> 60;
            default -> 60 - along;
        };
        return "5231.%04d,N,01323.%04d,E".formatted(north * 10, east * 16);
    }

    /** With the checksum: all characters between the dollar sign and the asterisk, exclusive-ored. */
    private static String sentence(String body) {
        int sum = 0;
        for (char c : body.toCharArray()) {
            sum ^= c;
        }
        return "$%s*%02X\r\n".formatted(body, sum);
    }

    @Override
    public void closed(SimSerialPort.Opened port) {
        // The talker sees it by itself.
    }

    @Override
    public void received(SimSerialPort.Opened port, Bytes data) {
        // Receivers take no notice of what they do not know.
    }

    @Override
    public SerialLines lines(boolean dtr, boolean rts) {
        return new SerialLines(dtr, rts, true, true, true, false);
    }

    @Override
    public boolean holdsBack() {
        return false;
    }
}
