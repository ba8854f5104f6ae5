package org.myclerk.runtime;

import java.nio.file.Path;
import java.util.List;

/** Puts other versions in the place of running bundles. */
final class Replacement {

    /** A bundle that runs and the one that is to run instead; both have the same symbolic name. */
    record Pair(BundleFile before, BundleFile after) { }

    private final NodeFramework framework;

    Replacement(NodeFramework framework) {
        this.framework = framework;
    }

    /**
     * Replaces bundles, all or none: if one of the new does not start, those before run again.
     *
     * @throws Refusal why it was not done
     */
    void replace(List<Pair> pairs) throws Refusal, InterruptedException {
        List<Path> before = pairs.stream().map(pair -> pair.before().path()).toList();
        List<Path> after = pairs.stream().map(pair -> pair.after().path()).toList();
        framework.uninstall(before);
        try {
            framework.install(after);
        } catch (Refusal e) {
            framework.uninstall(after);
            framework.install(before);
            throw e;
        }
    }

    /** Takes a replacement back. */
    void takeBack(List<Pair> pairs) throws Refusal, InterruptedException {
        replace(pairs.stream().map(pair -> new Pair(pair.after(), pair.before())).toList());
    }
}
