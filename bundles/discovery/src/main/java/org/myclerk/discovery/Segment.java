package org.myclerk.discovery;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;

import javax.jmdns.JmDNS;
import javax.jmdns.ServiceEvent;
import javax.jmdns.ServiceInfo;
import javax.jmdns.ServiceListener;

import org.myclerk.api.node.NearbyNode;
import org.myclerk.api.node.Node;
import org.myclerk.api.transport.Endpoint;

/** Announces and listens on one interface. */
final class Segment implements ServiceListener, AutoCloseable {

    /** Anybody in the network can announce anything, so what is kept has an end. */
    private static final int MOST_NODES = 256;
    private static final int MOST_ENDPOINTS = 8;

    private final Place place;
    private final Node node;
    private final JmDNS dns;
    private final ConcurrentMap<String, NearbyNode> heard = new ConcurrentHashMap<>();

    private Segment(Place place, Node node, JmDNS dns) {
        this.place = place;
        this.node = node;
        this.dns = dns;
    }

    /** Waits until the network has had its time to object to the name: a second or two. */
    static Segment open(Place place, Node node) throws IOException {
        Announcement own = new Announcement(node.id(), node.name());
        String host = host(own, place.network());
        JmDNS dns = JmDNS.create(named(host, place.address()), host);
        try {
            Segment segment = new Segment(place, node, dns);
            dns.addServiceListener(Announcement.TYPE, segment);
            if (place.port() > 0) {
                dns.registerService(ServiceInfo.create(Announcement.TYPE, place.instance(), place.port(),
                        0, 0, own.text()));
            }
            return segment;
        } catch (IOException | RuntimeException failed) {
            dns.close();
            throw failed;
        }
    }

    /** With a name, or JmDNS would ask the DNS for one and wait many seconds where there is none. */
    private static InetAddress named(String host, InetAddress address) throws UnknownHostException {
        return address instanceof Inet6Address six
                ? Inet6Address.getByAddress(host, six.getAddress(), six.getScopeId())
                : InetAddress.getByAddress(host, address.getAddress());
    }

    /**
     * One per interface: the machine's own name may be announced by another program, with other addresses.
     */
    static String host(Announcement own, String network) {
        return "myclerk-" + own.id().toHex().substring(0, 8) + "-" + network.replaceAll("[^A-Za-z0-9]", "-");
    }

    Stream<NearbyNode> nodes() {
        return heard.values().stream();
    }

    @Override
    public void serviceAdded(ServiceEvent event) {
        // Answers come as serviceResolved, now and whenever something changes; nothing waits here.
        dns.requestServiceInfo(event.getType(), event.getName(), true, 1);
    }

    @Override
    public void serviceRemoved(ServiceEvent event) {
        heard.remove(event.getName());
    }

    @Override
    public void serviceResolved(ServiceEvent event) {
        ServiceInfo info = event.getInfo();
        Announcement.heard(event.getName(), info.getPropertyString("v"), info.getPropertyString("id"))
                .filter(other -> !other.id().equals(node.id()))
                .ifPresent(other -> heard(event.getName(), other, endpoints(info)));
    }

    private void heard(String instance, Announcement other, List<Endpoint> endpoints) {
        if (endpoints.isEmpty() || heard.size() >= MOST_NODES && !heard.containsKey(instance)) {
            return;
        }
        heard.merge(instance, new NearbyNode(other.id(), other.name(), endpoints), Segment::renewed);
        endpoints.forEach(endpoint -> node.heardOf(other.id(), endpoint));
    }

    /**
     * Addresses may be told one by one: the earlier ones stay, behind, as long as they are of the same
     * announcement.
     */
    static NearbyNode renewed(NearbyNode before, NearbyNode now) {
        int port = now.endpoints().getFirst().port();
        if (!before.id().equals(now.id()) || before.endpoints().getFirst().port() != port) {
            return now;
        }
        Stream<Endpoint> all = Stream.concat(now.endpoints().stream(), before.endpoints().stream());
        return new NearbyNode(now.id(), now.name(), all.distinct().limit(MOST_ENDPOINTS).toList());
    }

    private List<Endpoint> endpoints(ServiceInfo info) {
        List<Endpoint> endpoints = new ArrayList<>();
        if (info.getPort() > 0 && info.getPort() <= 65535) {
            for (InetAddress address : info.getInetAddresses()) {
                if (endpoints.size() < MOST_ENDPOINTS) {
                    endpoints.add(new Endpoint("tcp", text(address, place.network()), info.getPort()));
                }
            }
        }
        endpoints.sort(Comparator.comparing(Endpoint::toString));
        return endpoints;
    }

    /** An IPv6 address of the link means something only together with the interface. */
    static String text(InetAddress address, String network) {
        String text = address.getHostAddress();
        if (!(address instanceof Inet6Address) || !address.isLinkLocalAddress()) {
            return text;
        }
        int scope = text.indexOf('%');
        return (scope < 0 ? text : text.substring(0, scope)) + "%" + network;
    }

    /** Takes the announcement back: a second or so, at most five. */
    @Override
    public void close() throws IOException {
        dns.close();
    }
}
