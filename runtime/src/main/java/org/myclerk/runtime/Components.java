package org.myclerk.runtime;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import java.util.stream.Stream;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** Asks Declarative Services why a component does not work. */
final class Components {

    /** A component that waits for a service. */
    private record Waiting(ComponentDescriptionDTO component, String service, String target) {

        Trouble trouble() {
            return new Trouble(component.bundle.id, "%s: %s waits for the service %s%s".formatted(
                    component.bundle.symbolicName, component.name, service,
                    target == null ? "" : " " + target), false,
                    Optional.of(service).filter(_ -> target == null));
        }
    }

    /**
     * What keeps a component from working.
     *
     * @param bundle its bundle's id
     * @param what for people, names the bundle, the component and what is wrong
     * @param hopeless whether waiting is of no use
     * @param service what it waits for, if any of that type would do
     */
    record Trouble(long bundle, String what, boolean hopeless, Optional<String> service) {

        String line() {
            return hopeless ? what : what + "; nothing here offers it";
        }
    }

    private Components() { }

    /**
     * The troubles of components at the root of the trouble: those that failed first, then those that wait
     * for a service which no other waiting component would offer. A component without its configuration is
     * not in trouble, it is not wanted.
     *
     * @param asked ids of the bundles that it is about
     */
    static List<Trouble> troubles(BundleContext context, LongPredicate asked) {
        ServiceReference<ServiceComponentRuntime> reference =
                context.getServiceReference(ServiceComponentRuntime.class);
        if (reference == null) {
            return List.of(new Trouble(Constants.SYSTEM_BUNDLE_ID,
                    "no bundle offers Declarative Services; feature base is incomplete", true,
                    Optional.empty()));
        }
        ServiceComponentRuntime runtime = context.getService(reference);
        List<Trouble> troubles = new ArrayList<>();
        List<Waiting> waiting = new ArrayList<>();
        Set<String> offered = new HashSet<>();
        for (ComponentDescriptionDTO component : runtime.getComponentDescriptionDTOs()) {
            if (!asked.test(component.bundle.id)) {
                continue;
            }
            for (ComponentConfigurationDTO configuration : runtime.getComponentConfigurationDTOs(component)) {
                if (configuration.state == ComponentConfigurationDTO.FAILED_ACTIVATION) {
                    troubles.add(new Trouble(component.bundle.id, "%s: %s failed: %s".formatted(
                            component.bundle.symbolicName, component.name,
                            String.valueOf(configuration.failure).lines().findFirst().orElse("")),
                            true, Optional.empty()));
                }
                if (configuration.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE) {
                    offered.addAll(List.of(component.serviceInterfaces));
                    waiting.addAll(missing(component, configuration));
                }
            }
        }
        List<Waiting> roots = waiting.stream().filter(one -> !offered.contains(one.service)).toList();
        (roots.isEmpty() ? waiting : roots).stream().map(Waiting::trouble).forEach(troubles::add);
        return troubles;
    }

    /**
     * Settings that nothing here knows, a line for people each: a component knows those that the annotation
     * type of its configuration declares.
     */
    static List<String> unknownSettings(BundleContext context, Configurations configurations) throws Refusal {
        Map<String, Set<String>> known = new TreeMap<>();
        known.computeIfAbsent(Configurations.NODE, _ -> new TreeSet<>()).add("home");
        ServiceComponentRuntime runtime =
                context.getService(context.getServiceReference(ServiceComponentRuntime.class));
        for (ComponentDescriptionDTO component : runtime.getComponentDescriptionDTOs()) {
            for (String pid : component.configurationPid) {
                known.computeIfAbsent(pid, _ -> new TreeSet<>())
                        .addAll(settings(context.getBundle(component.bundle.id),
                        component.implementationClass));
            }
        }
        List<String> unknown = new ArrayList<>();
        for (String pid : configurations.pids()) {
            Set<String> keys = pid.equals(Configurations.LOG) || pid.equals(Configurations.FEATURES)
                    ? Settings.known(List.of()).get(pid).keySet() : known.getOrDefault(pid, Set.of());
            String name = pid.substring(pid.startsWith(Configurations.PREFIX) ? Configurations.PREFIX.length()
                    : 0);
            for (String key : configurations.get(pid).keySet()) {
                if (!keys.contains(key)) {
                    unknown.add("%s.%s: %s".formatted(name, key, keys.isEmpty()
                            ? "nothing that runs here has settings of that name"
                            : "there is no such setting; there are " + String.join(", ", keys)));
                }
            }
        }
        return unknown;
    }

    private static Set<String> settings(Bundle bundle, String implementation) {
        Set<String> names = new TreeSet<>();
        try {
            Class<?> type = bundle.loadClass(implementation);
            Stream.concat(Arrays.stream(type.getDeclaredConstructors()),
                    Arrays.stream(type.getDeclaredMethods()))
                    .flatMap(taking -> Arrays.stream(taking.getParameterTypes())).filter(Class::isAnnotation)
                    .flatMap(annotation -> Arrays.stream(annotation.getDeclaredMethods()))
                    .forEach(setting -> names.add(setting.getName().replace('_', '.')));
        } catch (ClassNotFoundException | LinkageError unloadable) {
            System.getLogger(NodeMain.NAME).log(Level.DEBUG, "the settings of " + implementation, unloadable);
        }
        return names;
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
