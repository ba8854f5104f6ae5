package org.myclerk.op.client.internal;

import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import org.myclerk.api.transport.Endpoint;

/** Where others reach what this node listens on. */
final class OwnAddresses {

    private OwnAddresses() {
    }

    /** The endpoints as they travel; a wildcard address stands for every address of the machine. */
    static List<String> of(List<Endpoint> listening, List<InetAddress> machine, int most) {
        return listening.stream().flatMap(endpoint -> expanded(endpoint, machine)).map(Endpoint::toString)
                .distinct()
                .limit(most).toList();
    }

    private static Stream<Endpoint> expanded(Endpoint endpoint, List<InetAddress> machine) {
        InetAddress address;
        try {
            address = InetAddress.ofLiteral(endpoint.host());
        } catch (IllegalArgumentException aName) {
            return Stream.of(endpoint);
        }
        if (!address.isAnyLocalAddress()) {
            return Stream.of(endpoint);
        }
        return machine.stream().filter(own -> own instanceof Inet4Address
                || !(address instanceof Inet4Address))
                .map(own -> new Endpoint(endpoint.scheme(), withoutZone(own), endpoint.port()));
    }

    /** A global IPv6 address may be named with its interface, which means nothing to others. */
    private static String withoutZone(InetAddress address) {
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
    }

    /** Those of interfaces that are up, without loopback and link-local ones, IPv4 first. */
    static List<InetAddress> ofMachine() {
        List<InetAddress> found = new ArrayList<>();
        try {
            for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
                if (each.isUp() && !each.isLoopback()) {
                    each.inetAddresses().filter(address -> !address.isLoopbackAddress()
                            && !address.isLinkLocalAddress() && !address.isMulticastAddress())
                            .forEach(found::add);
                }
            }
        } catch (SocketException unknown) {
            System.getLogger("org.myclerk.op.client").log(Level.DEBUG, "the addresses of this machine",
                    unknown);
        }
        found.sort(Comparator.comparing(address -> !(address instanceof Inet4Address)));
        return found;
    }
}
