package org.myclerk.discovery;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.myclerk.api.node.Nearby;
import org.myclerk.api.node.NearbyNode;
import org.myclerk.api.node.Node;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.transport.Endpoint;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * Announces the node on every interface and tells it whom it hears there. A thread of its own does all of it,
 * looks at the interfaces now and then, and announces anew where something changed; the node's start waits
 * for nothing.
 */
@Component(service = Nearby.class, immediate = true, configurationPid = "org.myclerk.discovery")
@Designate(ocd = Discovery.Config.class)
public final class Discovery implements Nearby, AutoCloseable {

    private static final Logger LOG = System.getLogger("org.myclerk.discovery");
    private static final Duration FIRST_LOOK = Duration.ofMillis(250);
    private static final Duration LOOK = Duration.ofSeconds(15);
    private static final Duration GOODBYE = Duration.ofSeconds(3);
    private static final Duration LAST_GOODBYE = Duration.ofMillis(250);

    private final Node node;
    private final Set<String> named;
    private final Duration look;
    private final Map<Place, Segment> segments = new ConcurrentHashMap<>();
    private final Set<String> complained = ConcurrentHashMap.newKeySet();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread;

    /** Configuration. */
    @ObjectClassDefinition(name = "Nodes nearby")
    public @interface Config {

        /** Whether to announce and listen at all. */
        @AttributeDefinition(description = "Whether to announce and listen at all")
        boolean enabled() default true;

        /** The names of the interfaces to use; none means all that lead out of this machine. */
        @AttributeDefinition(description = "Interfaces to use; none means all that lead out of this machine")
        String[] interfaces() default {};
    }

    @Activate
    public Discovery(@Reference Node node, Config config) {
        this(node, config.enabled(), Set.copyOf(List.of(config.interfaces())), LOOK);
    }

    Discovery(Node node, boolean enabled, Set<String> named, Duration look) {
        this.node = node;
        this.named = named;
        this.look = look;
        this.thread = Thread.ofVirtual().name("myclerk-discovery").unstarted(this::run);
        if (enabled) {
            thread.start();
        }
    }

    @Override
    public List<NearbyNode> nodes() {
        Map<Bytes, NearbyNode> nodes = new HashMap<>();
        for (Segment segment : segments.values()) {
            segment.nodes().forEach(one -> nodes.merge(one.id(), one, Discovery::merged));
        }
        return nodes.values().stream()
                .sorted(Comparator.comparing(NearbyNode::name).thenComparing(one -> one.id().toHex()))
                .toList();
    }

    static NearbyNode merged(NearbyNode one, NearbyNode other) {
        return new NearbyNode(one.id(), one.name(),
                Stream.concat(one.endpoints().stream(), other.endpoints().stream()).distinct().toList());
    }

    /**
     * Takes the announcements back. If the node stops, the first goodbye must do (RFC 6762 §10.1 asks for
     * one); if only this bundle does, all three are sent before its next version may announce the node again.
     */
    @Deactivate
    void stop(BundleContext context) {
        boolean exits = context.getBundle(Constants.SYSTEM_BUNDLE_ID).getState() == Bundle.STOPPING;
        close(exits ? LAST_GOODBYE : GOODBYE);
    }

    /** Takes the announcements back, for up to three seconds. */
    @Override
    public void close() {
        close(GOODBYE);
    }

    private void close(Duration patience) {
        stopped.countDown();
        try {
            // Where discovery is switched off, it was never started.
            if (thread.isAlive()) {
                thread.join(patience);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            Duration pause = FIRST_LOOK;
            do {
                boolean settled = refresh();
                // Until the node listens it is looked at more often.
                pause = settled || pause.multipliedBy(2).compareTo(look) > 0 ? look : pause.multipliedBy(2);
            } while (!stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS));
            closeAll(List.copyOf(segments.keySet()));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // nobody does that to this thread
        }
    }

    /** Whether all there is to announce is announced. */
    private boolean refresh() throws InterruptedException {
        try {
            List<Endpoint> listening = node.listening();
            String instance = new Announcement(node.id(), node.name()).instance();
            Set<Place> places = Place.all(named, instance, listening);
            closeAll(segments.keySet().stream().filter(place -> !places.contains(place)).toList());
            if (places.isEmpty()) {
                complain("no network to announce this node in; looking again every %d s"
                        .formatted(look.toSeconds()));
                return true;
            }
            openAll(places.stream().filter(place -> !segments.containsKey(place)).toList());
            return !listening.isEmpty();
        } catch (IOException | RuntimeException failed) {
            complain("cannot look at the network interfaces: " + failed.getMessage());
            return true;
        }
    }

    private void openAll(List<Place> places) throws InterruptedException {
        together(places, place -> {
            try {
                segments.put(place, Segment.open(place, node));
                complained.clear();
                LOG.log(Level.DEBUG, "announces {0} on {1}", place.instance(), place.network());
            } catch (IOException | RuntimeException failed) {
                complain("cannot announce this node on %s: %s"
                        .formatted(place.network(), failed.getMessage()));
            }
        });
    }

    private void closeAll(List<Place> places) throws InterruptedException {
        together(places, place -> {
            try (Segment _ = segments.remove(place)) {
                LOG.log(Level.DEBUG, "leaves {0}", place.network());
            } catch (IOException | RuntimeException failed) {
                LOG.log(Level.DEBUG, "could not leave " + place.network(), failed);
            }
        });
    }

    private static void together(List<Place> places, Consumer<Place> task) throws InterruptedException {
        List<Thread> threads = places.stream().map(place -> Thread.ofVirtual()
                .name("myclerk-discovery-" + place.network()).start(() -> task.accept(place))).toList();
        for (Thread each : threads) {
            each.join();
        }
    }

    /** Says it once, until something has worked. */
    private void complain(String message) {
        if (complained.add(message)) {
            LOG.log(Level.INFO, message);
        }
    }
}
