package org.myclerk.runtime.cli;

import java.util.ArrayList;
import java.util.List;

import org.myclerk.op.can.CanFrame;

/** What an error frame tells (linux/can/error.h), in the words of {@code candump -e}. */
final class CanProblem {

    private static final String[] CLASSES = {"tx-timeout", "lost-arbitration", "controller-problem",
        "protocol-violation", "transceiver-status", "no-acknowledgement-on-tx", "bus-off", "bus-error",
        "restarted-after-bus-off"};
    private static final String[] CONTROLLER = {"rx-overflow", "tx-overflow", "rx-error-warning",
            "tx-error-warning",
        "rx-error-passive", "tx-error-passive", "back-to-error-active"};
    private static final String[] VIOLATIONS = {"single-bit-error", "frame-format-error",
            "bit-stuffing-error",
        "tx-dominant-bit-error", "tx-recessive-bit-error", "bus-overload", "active-error", "error-on-tx"};
    private static final String[] PLACES = {"unspecified", "unspecified", "id.28-to-id.28", "start-of-frame",
        "bit-srtr", "bit-ide", "id.20-to-id.18", "id.17-to-id.13", "crc-sequence", "reserved-bit-0",
        "data-field",
        "data-length-code", "bit-rtr", "reserved-bit-1", "id.4-to-id.0", "id.12-to-id.5", "unspecified",
        "active-error-flag", "intermission", "tolerate-dominant-bits", "unspecified", "unspecified",
        "passive-error-flag", "error-delimiter", "crc-delimiter", "acknowledge-slot", "end-of-frame",
        "acknowledge-delimiter", "overload-flag", "unspecified", "unspecified", "unspecified"};

    private CanProblem() {
    }

    /** The classes of the frame, with their details. */
    static List<String> words(CanFrame frame) {
        List<String> words = new ArrayList<>();
        for (int bit = 0; bit < CLASSES.length; bit++) {
            if ((frame.id() & 1 << bit) == 0) {
                continue;
            }
            words.add(CLASSES[bit] + switch (bit) {
                case 1 -> "{at bit %d}".formatted(octet(frame, 0));
                case 2 -> "{%s}".formatted(named(octet(frame, 1), CONTROLLER));
                case 3 -> "{{%s}{%s}}".formatted(named(octet(frame, 2), VIOLATIONS),
                        octet(frame, 3) == 0 ? "" : PLACES[octet(frame, 3) & 0x1F]);
                default -> "";
            });
        }
        if (octet(frame, 6) != 0 || octet(frame, 7) != 0) {
            words.add("error-counter-tx-rx{{%d}{%d}}".formatted(octet(frame, 6), octet(frame, 7)));
        }
        return words;
    }

    private static String named(int bits, String[] names) {
        List<String> set = new ArrayList<>();
        for (int bit = 0; bit < names.length; bit++) {
            if ((bits & 1 << bit) != 0) {
                set.add(names[bit]);
            }
        }
        return String.join(",", set);
    }

    private static int octet(CanFrame frame, int i) {
        return i < frame.data().length() ? frame.data().at(i) & 0xFF : 0;
    }
}
