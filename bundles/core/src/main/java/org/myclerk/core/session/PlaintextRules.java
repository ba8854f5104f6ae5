package org.myclerk.core.session;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.myclerk.api.operation.OpCode;
import org.myclerk.api.transport.Endpoint;

/**
 * What an operator lets in without encryption (profile §16): single operations, each from one network and at
 * a rate. Thread-safe.
 */
public final class PlaintextRules {

    /** Nothing. */
    public static final PlaintextRules NONE = new PlaintextRules(List.of());

    private static final Pattern FORM = Pattern.compile(
            "(0x[0-9A-Fa-f]{1,4})\\s+from\\s+(\\S+)\\s+at\\s+(\\d{1,6})/(s|min|h)(?:\\s+on\\s+(\\S+))?");
    private static final Map<String, Long> SECONDS = Map.of("s", 1L, "min", 60L, "h", 3600L);

    private final List<Rule> rules;

    private PlaintextRules(List<Rule> rules) {
        this.rules = rules;
    }

    /** One operation, from one network, so many times in a period, at one listener or at all. */
    private record Rule(int operation, byte[] network, int bits, Bucket bucket,
            Optional<Endpoint> listener) {

        static Rule parse(String text) {
            Matcher form = FORM.matcher(text.strip());
            if (!form.matches()) {
                throw wrong(text,
                        "write it like 0x0624 from 192.168.7.0/24 at 5/s, or with: on 0.0.0.0:5657");
            }
            int operation = Integer.decode(form.group(1));
            if (operation <= 0x001F || operation >= 0x0300 && operation <= 0x03FF || operation == 0xFFFF) {
                throw wrong(text, new OpCode(operation) + " is never taken in plaintext");
            }
            int rate = Integer.parseInt(form.group(3));
            if (rate == 0) {
                throw wrong(text, "a rate is 1 or more; leave the rule out instead");
            }
            String[] network = form.group(2).split("/", 2);
            byte[] address = address(network[0], text);
            int bits = network.length == 1 ? address.length * 8 : bits(network[1], address, text);
            return new Rule(operation, address, bits, new Bucket(rate, SECONDS.get(form.group(4))),
                    Optional.ofNullable(form.group(5)).map(Endpoint::parse));
        }

        private static IllegalArgumentException wrong(String rule, String why) {
            return new IllegalArgumentException("plaintext=\"%s\": %s".formatted(rule, why));
        }

        private static byte[] address(String literal, String rule) {
            try {
                if (!literal.matches("[0-9.]+|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*")) {
                    throw new UnknownHostException(literal);
                }
                return InetAddress.getByName(literal).getAddress();
            } catch (UnknownHostException none) {
                throw wrong(rule, literal + " is no address; a name does not do");
            }
        }

        private static int bits(String number, byte[] address, String rule) {
            int most = address.length * 8;
            int bits = number.matches("\\d{1,3}") ? Integer.parseInt(number) : -1;
            if (bits < 0 || bits > most) {
                throw wrong(rule, "/%s is not in 0..%d".formatted(number, most));
            }
            return bits;
        }

        boolean covers(InetAddress source) {
            byte[] bytes = source.getAddress();
            if (bytes.length != network.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                if (((bytes[bit / 8] ^ network[bit / 8]) >> 7 - bit % 8 & 1) != 0) {
                    return false;
                }
            }
            return true;
        }

        boolean take(long now) {
            synchronized (bucket) {
                boolean left = bucket.has(now);
                if (left) {
                    bucket.take();
                }
                return left;
            }
        }
    }

    /**
     * Reads rules: {@code 0x0624 from 192.168.7.0/24 at 5/s}, with {@code on HOST:PORT} for one listener.
     * The period is {@code s}, {@code min} or {@code h}; so many may also come at once.
     *
     * @throws IllegalArgumentException with a sentence for people
     */
    public static PlaintextRules parse(List<String> texts) {
        List<Rule> rules = new ArrayList<>();
        for (String text : texts) {
            rules.add(Rule.parse(text));
        }
        return new PlaintextRules(List.copyOf(rules));
    }

    /** Those of a listener. They share their rates with the rules they were taken from. */
    public PlaintextRules on(Endpoint listener) {
        return new PlaintextRules(rules.stream().filter(rule -> rule.listener.isEmpty()
                || rule.listener.get().equals(listener)).toList());
    }

    /** Those for a source. */
    public PlaintextRules from(InetAddress source) {
        return isEmpty() ? this
                : new PlaintextRules(rules.stream().filter(rule -> rule.covers(source)).toList());
    }

    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /** Whether a rule names an operation, however often it came. */
    boolean name(int operation) {
        return rules.stream().anyMatch(rule -> rule.operation == operation);
    }

    /** Counts a message. @return false if too many came lately */
    boolean admit(int operation, long now) {
        return rules.stream().anyMatch(rule -> rule.operation == operation && rule.take(now));
    }
}
