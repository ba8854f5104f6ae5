package org.myclerk.discovery;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import org.myclerk.api.transport.Endpoint;

/**
 * An interface to listen on, and what to announce there.
 *
 * @param network name of the interface
 * @param address of that interface
 * @param instance what the announcement is called
 * @param port where the node answers there, 0 if it does not
 */
record Place(String network, InetAddress address, String instance, int port) {

    /** Networks within this machine, of containers and virtual machines. */
    private static final Pattern INTERNAL =
            Pattern.compile("(docker|veth|virbr|vnet|lxc|cni|flannel|podman).*|br-[0-9a-f]{12}");

    /**
     * Where to announce now: on interfaces that are up, can multicast and are neither loopback nor
     * point-to-point; on those named, or if none are named, on those that do not lead into containers.
     */
    static Set<Place> all(Collection<String> named, String instance, List<Endpoint> listening)
            throws IOException {
        Set<Place> places = new LinkedHashSet<>();
        for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
            String name = network.getName();
            List<InetAddress> addresses = network.inetAddresses().toList();
            if (usable(network) && (named.isEmpty() ? leadsOutside(name) : named.contains(name))) {
                address(addresses).ifPresent(address ->
                        places.add(new Place(name, address, instance, port(listening, addresses))));
            }
        }
        return places;
    }

    private static boolean usable(NetworkInterface network) {
        try {
            return network.isUp() && network.supportsMulticast() && !network.isLoopback()
                    && !network.isPointToPoint() && !network.isVirtual();
        } catch (SocketException _) {
            return false; // it has just gone
        }
    }

    static boolean leadsOutside(String network) {
        return !INTERNAL.matcher(network).matches();
    }

    /** IPv4 before IPv6, and addresses that reach further before those of the link. */
    static Optional<InetAddress> address(List<InetAddress> addresses) {
        return addresses.stream().min(Comparator
                .comparing((InetAddress address) -> !(address instanceof Inet4Address))
                .thenComparing(InetAddress::isLinkLocalAddress));
    }

    /** The port of the first TCP endpoint that these addresses reach, else 0. */
    static int port(List<Endpoint> listening, List<InetAddress> addresses) {
        for (Endpoint endpoint : listening) {
            if (endpoint.scheme().equals("tcp") && reaches(endpoint.host(), addresses)) {
                return endpoint.port();
            }
        }
        return 0;
    }

    private static boolean reaches(String host, List<InetAddress> addresses) {
        try {
            InetAddress bound = InetAddress.getByName(host);
            return bound.isAnyLocalAddress() || addresses.contains(bound);
        } catch (UnknownHostException _) {
            return false;
        }
    }
}
