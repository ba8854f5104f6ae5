package org.myclerk.runtime;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.felix.resolver.Logger;
import org.apache.felix.resolver.ResolverImpl;
import org.apache.felix.utils.resource.CapabilitySet;
import org.apache.felix.utils.resource.RequirementImpl;
import org.apache.felix.utils.resource.SimpleFilter;
import org.osgi.framework.Version;
import org.osgi.framework.namespace.ExecutionEnvironmentNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.resource.Capability;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;
import org.osgi.resource.Wiring;
import org.osgi.service.resolver.HostedCapability;
import org.osgi.service.resolver.ResolutionException;
import org.osgi.service.resolver.ResolveContext;

/**
 * Whether bundles can work together, decided by the resolver that the framework itself uses, before any of
 * them is installed. Services that components cannot do without count like packages: what is missing keeps a
 * node from working either way.
 */
final class Resolution {

    private static final String SERVICE = "osgi.service";

    /** Bundles by the feature that has them; asked only when something is missing. */
    interface Elsewhere {

        Map<String, List<BundleFile>> bundles() throws Refusal;
    }

    private final Map<Resource, BundleFile> bundles = new LinkedHashMap<>();
    private final Map<String, List<Capability>> offered = new HashMap<>();
    private final Predicate<String> services;

    private Resolution(Predicate<String> services) {
        this.services = services;
    }

    /**
     * Checks a set of bundles.
     *
     * @param system the framework's own bundle
     * @param services whether a service is there already: what is registered need not stand in a manifest
     * @param bundles all that are to be there
     * @param elsewhere from which a missing requirement could be satisfied
     * @throws Refusal naming the bundle, what it misses, and which feature has that
     */
    static void check(Resource system, Predicate<String> services, Collection<BundleFile> bundles,
            Elsewhere elsewhere) throws Refusal {
        var resolution = new Resolution(services);
        resolution.offer(system);
        for (BundleFile bundle : bundles) {
            Resource resource = bundle.resource();
            resolution.bundles.put(resource, bundle);
            resolution.offer(resource);
        }
        resolution.check(elsewhere);
    }

    private void offer(Resource resource) {
        for (Capability capability : resource.getCapabilities(null)) {
            offered.computeIfAbsent(capability.getNamespace(), _ -> new ArrayList<>()).add(capability);
        }
    }

    private void check(Elsewhere elsewhere) throws Refusal {
        for (var entry : bundles.entrySet()) {
            for (Requirement requirement : entry.getKey().getRequirements(null)) {
                if (!isOptional(requirement) && providers(requirement).isEmpty() && !isGiven(requirement)) {
                    throw new Refusal("%s needs %s%s".formatted(entry.getValue().label(),
                            describe(requirement), remedy(requirement, elsewhere)));
                }
            }
        }
        try {
            new ResolverImpl(new Logger(0), Runnable::run).resolve(new Context());
        } catch (ResolutionException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new Refusal("the bundles do not fit together: " + reason);
        }
    }

    private List<Capability> providers(Requirement requirement) {
        return offered.getOrDefault(requirement.getNamespace(), List.of()).stream()
                .filter(capability -> matches(capability, requirement))
                .sorted(Comparator.comparing(Resolution::version).reversed()).toList();
    }

    private static boolean matches(Capability capability, Requirement requirement) {
        return CapabilitySet.matches(capability, RequirementImpl.getFilter(requirement));
    }

    private static Version version(Capability capability) {
        return capability.getAttributes().get("version") instanceof Version version ? version
                : Version.emptyVersion;
    }

    private static boolean isOptional(Requirement requirement) {
        String resolution = requirement.getDirectives().get("resolution");
        return "optional".equals(resolution) || "dynamic".equals(resolution);
    }

    private boolean isGiven(Requirement requirement) {
        return requirement.getNamespace().equals(SERVICE)
                && value(filter(requirement), "objectClass").filter(services).isPresent();
    }

    private static String filter(Requirement requirement) {
        return requirement.getDirectives().getOrDefault("filter", "");
    }

    /** What stands for an attribute in a filter. */
    private static Optional<String> value(String filter, String attribute) {
        Matcher matcher = Pattern.compile("\\(%s=([^()]*)\\)".formatted(Pattern.quote(attribute)))
                .matcher(filter);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private static String describe(Requirement requirement) {
        String filter = filter(requirement);
        String namespace = requirement.getNamespace();
        return switch (namespace) {
            case PackageNamespace.PACKAGE_NAMESPACE -> "the package %s%s".formatted(
                    value(filter, namespace).orElse(filter), versions(filter));
            case SERVICE -> "the service " + value(filter, "objectClass").orElse(filter);
            case ExecutionEnvironmentNamespace.EXECUTION_ENVIRONMENT_NAMESPACE -> "Java %s".formatted(
                    value(filter, "version").orElse(filter));
            default -> "%s %s".formatted(namespace, value(filter, namespace).orElse(filter))
                    + versions(filter);
        };
    }

    private static String versions(String filter) {
        Matcher least = Pattern.compile("\\(version>=([\\w.-]+)\\)").matcher(filter);
        Matcher below = Pattern.compile("\\(!\\(version>=([\\w.-]+)\\)\\)").matcher(filter);
        if (!least.find()) {
            return "";
        }
        return " in a version from %s on%s".formatted(least.group(1),
                below.find() ? " and below " + below.group(1) : "");
    }

    private String remedy(Requirement requirement, Elsewhere elsewhere) throws Refusal {
        String namespace = requirement.getNamespace();
        Optional<String> feature = feature(namespace, capability -> matches(capability, requirement),
                elsewhere.bundles());
        if (feature.isPresent()) {
            return remedy(feature.get());
        }
        String wanted = value(filter(requirement), namespace).orElse("");
        List<Version> there = offered.getOrDefault(namespace, List.of()).stream()
                .filter(capability -> wanted.equals(capability.getAttributes().get(namespace)))
                .map(Resolution::version).sorted().toList();
        return there.isEmpty() ? ", which nothing here offers"
                : "; here it is there in version %s".formatted(there.getLast());
    }

    /** What is to be said of a feature that has what is missing. */
    static String remedy(String feature) {
        return "; the feature %s has it: myclerk features install %s".formatted(feature, feature);
    }

    /** The feature with a bundle that says that it offers a service. */
    static Optional<String> offering(String service, Map<String, List<BundleFile>> features) throws Refusal {
        return feature(SERVICE, capability -> CapabilitySet.matches(capability,
                SimpleFilter.parse("(objectClass=%s)".formatted(service))), features);
    }

    private static Optional<String> feature(String namespace, Predicate<Capability> wanted,
            Map<String, List<BundleFile>> features) throws Refusal {
        for (var feature : features.entrySet()) {
            for (BundleFile bundle : feature.getValue()) {
                if (bundle.resource().getCapabilities(namespace).stream().anyMatch(wanted)) {
                    return Optional.of(feature.getKey());
                }
            }
        }
        return Optional.empty();
    }

    /** The question for the resolver: all bundles, and the framework's own to wire them to. */
    private final class Context extends ResolveContext {

        @Override
        public Collection<Resource> getMandatoryResources() {
            return bundles.keySet();
        }

        @Override
        public List<Capability> findProviders(Requirement requirement) {
            return new ArrayList<>(providers(requirement));
        }

        @Override
        public int insertHostedCapability(List<Capability> capabilities, HostedCapability hosted) {
            capabilities.add(hosted);
            return capabilities.size() - 1;
        }

        @Override
        public boolean isEffective(Requirement requirement) {
            return !"active".equals(requirement.getDirectives().get("effective"));
        }

        @Override
        public Map<Resource, Wiring> getWirings() {
            return Map.of();
        }

        @Override
        public String toString() {
            return bundles.values().toString();
        }
    }
}
