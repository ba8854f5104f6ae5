package org.myclerk.device.serial;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How a serial port runs.
 *
 * @param baud bits per second, 1 or more; unusual rates too, if the hardware can
 * @param dataBits 5..8
 * @param rs485 empty for a port that is no RS-485 transceiver
 */
public record SerialSettings(int baud, int dataBits, StopBits stopBits, Parity parity,
        FlowControl flowControl, Optional<Rs485> rs485) {

    /** 115200 8N1 without flow control. */
    public static final SerialSettings USUAL = new SerialSettings(115_200, 8, StopBits.ONE, Parity.NONE,
            FlowControl.NONE, Optional.empty());

    public enum StopBits { ONE, ONE_AND_A_HALF, TWO }

    public enum Parity { NONE, ODD, EVEN, MARK, SPACE }

    public enum FlowControl { NONE, RTS_CTS, XON_XOFF }

    /**
     * Direction control of an RS-485 transceiver by the kernel (struct serial_rs485).
     *
     * @param rtsActiveHigh whether RTS is asserted while sending
     * @param receiveWhileSending whether the port hears what it sends
     * @param termination whether the bus is terminated here
     * @param delayBeforeMicros from RTS to the first bit, 0 or more
     * @param delayAfterMicros from the last bit to RTS, 0 or more
     */
    public record Rs485(boolean rtsActiveHigh, boolean receiveWhileSending, boolean termination,
            int delayBeforeMicros, int delayAfterMicros) {

        public Rs485 {
            if (delayBeforeMicros < 0 || delayAfterMicros < 0) {
                throw new IllegalArgumentException("an RS-485 delay is negative");
            }
        }
    }

    public SerialSettings {
        if (baud < 1) {
            throw new IllegalArgumentException("baud rate is at least 1, got " + baud);
        }
        if (dataBits < 5 || dataBits > 8) {
            throw new IllegalArgumentException("data bits are 5..8, got " + dataBits);
        }
        Objects.requireNonNull(stopBits);
        Objects.requireNonNull(parity);
        Objects.requireNonNull(flowControl);
        Objects.requireNonNull(rs485);
    }

    /** The same in types of the JDK, for the next version of this class. */
    Map<String, Object> toMap() {
        Map<String, Object> map = new HashMap<>(Map.of("baud", baud, "data-bits", dataBits, "stop-bits",
                stopBits.name(),
                "parity", parity.name(), "flow-control", flowControl.name()));
        rs485.ifPresent(it -> map.put("rs485", List.of(it.rtsActiveHigh, it.receiveWhileSending,
                it.termination, it.delayBeforeMicros, it.delayAfterMicros)));
        return map;
    }

    /** What {@link #toMap} gave; throws whatever if it is something else. */
    static SerialSettings of(Map<String, Object> map) {
        Optional<Rs485> rs485 = map.get("rs485") instanceof List<?> it
                ? Optional.of(new Rs485((Boolean) it.get(0), (Boolean) it.get(1), (Boolean) it.get(2),
                        (Integer) it.get(3), (Integer) it.get(4))) : Optional.empty();
        return new SerialSettings((Integer) map.get("baud"), (Integer) map.get("data-bits"),
                StopBits.valueOf((String) map.get("stop-bits")), Parity.valueOf((String) map.get("parity")),
                FlowControl.valueOf((String) map.get("flow-control")), rs485);
    }

    /** {@code 115200 8N1}, with what goes beyond it. */
    @Override
    public String toString() {
        String stop = switch (stopBits) {
            case ONE -> "1";
            case ONE_AND_A_HALF -> "1.5";
            case TWO -> "2";
        };
        String flow = switch (flowControl) {
            case NONE -> "";
            case RTS_CTS -> " rts-cts";
            case XON_XOFF -> " xon-xoff";
        };
        return baud + " " + dataBits + parity.name().charAt(0) + stop + flow
                + (rs485.isPresent() ? " rs485" : "");
    }
}
