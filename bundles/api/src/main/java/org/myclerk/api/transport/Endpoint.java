package org.myclerk.api.transport;

/**
 * Where a transport listens or connects: {@code host:port}, IPv6 in brackets, means TCP; others are written
 * as URI (profile §10).
 *
 * @param scheme of the transport, such as {@code tcp}: a letter, then letters, digits, {@code + . -}
 * @param host name or address, IPv6 without brackets; no white space, brackets or slashes
 * @param port 0..65535; 0 lets the system pick one when listening
 */
public record Endpoint(String scheme, String host, int port) {

    /** §2.2. */
    public static final int DEFAULT_PORT = 5657;

    public Endpoint {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port %d is not in 0..65535".formatted(port));
        }
        if (host.isEmpty()) {
            throw new IllegalArgumentException("an endpoint needs a host");
        }
        if (!host.chars().allMatch(Endpoint::mayBeInHost)) {
            throw new IllegalArgumentException("\"%s\" is no name or address of a host".formatted(host));
        }
        if (!scheme.matches("[A-Za-z][A-Za-z0-9+.-]*")) {
            throw new IllegalArgumentException("\"%s\" is no scheme of a transport".formatted(scheme));
        }
    }

    /**
     * Reads {@code host}, {@code host:port}, {@code [v6]:port} or {@code scheme://host:port}; the port is
     * 5657 if none is given.
     *
     * @throws IllegalArgumentException with a sentence for people
     */
    public static Endpoint parse(String text) {
        String scheme = "tcp";
        String rest = text.strip();
        int colon = rest.indexOf("://");
        if (colon > 0) {
            scheme = rest.substring(0, colon);
            rest = rest.substring(colon + 3);
        }
        String host;
        String port;
        if (rest.startsWith("[")) {
            int end = rest.indexOf(']');
            if (end < 0) {
                throw new IllegalArgumentException("\"%s\" lacks a closing bracket".formatted(text));
            }
            host = rest.substring(1, end);
            port = rest.substring(end + 1);
            if (!port.isEmpty() && port.charAt(0) != ':') {
                throw new IllegalArgumentException("\"%s\" is not host:port".formatted(text));
            }
            port = port.isEmpty() ? "" : port.substring(1);
        } else {
            int last = rest.lastIndexOf(':');
            if (last >= 0 && rest.indexOf(':') != last) {
                throw new IllegalArgumentException(
                        "\"%s\": write an IPv6 address in brackets, [::1]:5657".formatted(text));
            }
            host = last < 0 ? rest : rest.substring(0, last);
            port = last < 0 ? "" : rest.substring(last + 1);
        }
        try {
            return new Endpoint(scheme, host, port.isEmpty() ? DEFAULT_PORT : Integer.parseInt(port));
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException("\"%s\": the port is not a number".formatted(text));
        }
    }

    private static boolean mayBeInHost(int character) {
        return character > ' ' && character != 0x7F && "[]/".indexOf(character) < 0
                && !Character.isWhitespace(character);
    }

    /** As {@link #parse} reads it: {@code host:port} for TCP. */
    @Override
    public String toString() {
        String address = (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        return scheme.equals("tcp") ? address : scheme + "://" + address;
    }
}
