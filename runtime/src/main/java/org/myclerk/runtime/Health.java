package org.myclerk.runtime;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleRevision;

/**
 * Asks whether bundles do their work: they run, what they declare to serve is offered, and no health check
 * complains. Health checks are services of the JDK type {@code Supplier} with the property {@value #HEALTH}.
 * One that gives a text speaks of its own bundle, one that gives a map (bundle id to text) of others;
 * {@code null} or nothing is well.
 */
final class Health {

    static final String HEALTH = "myclerk.health";

    private static final String OPERATION = "org.myclerk.operation";
    private static final String FIRST = "myclerk.operation.first";

    /** Header of bundles with components: what these declare they must offer. */
    private static final String COMPONENTS = "Service-Component";

    /** Service property of core: why it cannot start or go on. */
    private static final String FAILED = "myclerk.failed";

    private Health() { }

    /** Whether a bundle offers a handler of operations now. */
    static boolean serves(Bundle bundle) {
        return services(bundle).stream().anyMatch(service -> service.getProperty(FIRST) != null);
    }

    private static List<ServiceReference<?>> services(Bundle bundle) {
        ServiceReference<?>[] registered = bundle.getRegisteredServices();
        return registered == null ? List.of() : List.of(registered);
    }

    /** The first complaint about one of the bundles, naming it; empty if all are well. */
    static Optional<String> complaint(BundleContext context, Collection<Bundle> bundles) {
        for (Bundle bundle : bundles) {
            Optional<String> complaint = complaint(bundle);
            if (complaint.isPresent()) {
                return complaint;
            }
        }
        try {
            for (ServiceReference<?> check : context.getServiceReferences(Supplier.class,
                    "(" + HEALTH + "=*)")) {
                Optional<String> complaint = complaint(context, check, bundles);
                if (complaint.isPresent()) {
                    return complaint;
                }
            }
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
        return Optional.empty();
    }

    private static Optional<String> complaint(Bundle bundle) {
        boolean fragment = (bundle.adapt(BundleRevision.class)
                .getTypes() & BundleRevision.TYPE_FRAGMENT) != 0;
        if (fragment) {
            return Optional.empty();
        }
        if (bundle.getState() != Bundle.ACTIVE && bundle.getState() != Bundle.STARTING) {
            return Optional.of(label(bundle) + " does not run");
        }
        List<ServiceReference<?>> services = services(bundle);
        for (ServiceReference<?> service : services) {
            if (service.getProperty(FAILED) instanceof String why) {
                return Optional.of("%s: %s".formatted(label(bundle), why));
            }
        }
        if (bundle.getHeaders("").get(COMPONENTS) == null) {
            return Optional.empty();
        }
        for (var range : bundle.adapt(BundleRevision.class).getDeclaredCapabilities(OPERATION)) {
            Object first = range.getAttributes().get("first");
            if (services.stream().noneMatch(service -> same(first, service.getProperty(FIRST)))) {
                return Optional.of("%s does not serve what it declares".formatted(label(bundle)));
            }
        }
        return Optional.empty();
    }

    private static boolean same(Object declared, Object property) {
        return declared instanceof Number a && property instanceof Number b && a.longValue() == b.longValue();
    }

    private static Optional<String> complaint(BundleContext context, ServiceReference<?> check,
            Collection<Bundle> bundles) {
        if (!(context.getService(check) instanceof Supplier<?> supplier)) {
            return Optional.empty();
        }
        try {
            Object said = supplier.get();
            for (Bundle bundle : bundles) {
                boolean own = check.getProperty(Constants.SERVICE_BUNDLEID).equals(bundle.getBundleId());
                Object about = said instanceof Map<?, ?> map ? map.get(bundle.getBundleId()) : own ? said
                        : null;
                if (about != null) {
                    return Optional.of("%s: %s".formatted(label(bundle), about));
                }
            }
            return Optional.empty();
        } catch (RuntimeException e) {
            return bundles.stream().filter(bundle -> bundle == check.getBundle()).findFirst()
                    .map(bundle -> "%s: its health check failed: %s".formatted(label(bundle), e));
        } finally {
            context.ungetService(check);
        }
    }

    private static String label(Bundle bundle) {
        return bundle.getSymbolicName() + " " + bundle.getVersion();
    }
}
