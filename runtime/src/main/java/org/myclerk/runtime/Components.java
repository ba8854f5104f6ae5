package org.myclerk.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** Asks Declarative Services why a component does not work. */
final class Components {

    /** A component that waits for a service. */
    private record Waiting(ComponentDescriptionDTO component, String service, String target) { }

    /**
     * What keeps a component from working.
     *
     * @param line for people, names the bundle, the component and what is wrong
     * @param hopeless whether waiting is of no use
     */
    record Trouble(String line, boolean hopeless) { }

    private Components() { }

    /**
     * The trouble of the component at the root of the trouble: one that failed, or one that waits for a
     * service which no other waiting component would offer. A component without its configuration is not in
     * trouble, it is not wanted.
     */
    static Optional<Trouble> trouble(BundleContext context) {
        ServiceReference<ServiceComponentRuntime> reference =
                context.getServiceReference(ServiceComponentRuntime.class);
        if (reference == null) {
            return Optional.of(
                    new Trouble("no bundle offers Declarative Services; feature base is incomplete", true));
        }
        ServiceComponentRuntime runtime = context.getService(reference);
        List<Waiting> waiting = new ArrayList<>();
        Set<String> offered = new HashSet<>();
        for (ComponentDescriptionDTO component : runtime.getComponentDescriptionDTOs()) {
            for (ComponentConfigurationDTO configuration : runtime.getComponentConfigurationDTOs(component)) {
                if (configuration.state == ComponentConfigurationDTO.FAILED_ACTIVATION) {
                    return Optional.of(new Trouble("%s: %s failed: %s".formatted(
                            component.bundle.symbolicName, component.name,
                            String.valueOf(configuration.failure).lines().findFirst().orElse("")), true));
                }
                if (configuration.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE) {
                    offered.addAll(List.of(component.serviceInterfaces));
                    waiting.addAll(missing(component, configuration));
                }
            }
        }
        return waiting.stream().filter(one -> !offered.contains(one.service)).findFirst()
                .or(() -> waiting.stream().findFirst())
                .map(one -> new Trouble("%s: %s waits for the service %s%s; nothing here offers it".formatted(
                        one.component.bundle.symbolicName, one.component.name, one.service,
                        one.target == null ? "" : " " + one.target), false));
    }

    private static List<Waiting> missing(ComponentDescriptionDTO component,
            ComponentConfigurationDTO configuration) {
        var interfaces = new HashMap<String, String>();
        for (ReferenceDTO reference : component.references) {
            interfaces.put(reference.name, reference.interfaceName);
        }
        var missing = new ArrayList<Waiting>();
        for (UnsatisfiedReferenceDTO reference : configuration.unsatisfiedReferences) {
            missing.add(new Waiting(component, interfaces.get(reference.name), reference.target));
        }
        return missing;
    }
}
