package org.myclerk.itests;

import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.junitBundles;
import static org.ops4j.pax.exam.CoreOptions.systemPackages;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.After;
import org.junit.Rule;
import org.junit.rules.TemporaryFolder;
import org.junit.rules.Timeout;
import org.junit.runner.RunWith;
import org.myclerk.runtime.NodeInFramework;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.ProbeBuilder;
import org.ops4j.pax.exam.TestProbeBuilder;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerMethod;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.launch.Framework;

/**
 * A test that runs inside of Felix, beside the bundles of the built distribution: Pax Exam starts a
 * framework for each of its methods. What speaks to the node as a client stays outside of the framework
 * ({@link Isolated}), because the bundles that a client is made of are replaced too.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerMethod.class)
public abstract class ContainerTest {

    private static final String LAUNCHER = "org.myclerk.runtime";

    /** Pax Exam's bundles want the old number; the launcher's packages have it that fits. */
    private static final String LOG_OF_PAX_EXAM = "org.slf4j;version=\"1.7.36\"";

    /** The folder of temporary files, and what takes too long. */
    @Rule
    public final TemporaryFolder files = new TemporaryFolder();
    @Rule
    public final Timeout timeout = new Timeout(6 * Distribution.SECONDS, TimeUnit.SECONDS);

    private Distribution distribution;
    private final List<Isolated> clients = new ArrayList<>();

    /** The bundles of features of the distribution, and what the launcher gives its framework. */
    static Option features(String names) throws Exception {
        Path folder = Distribution.built().folder();
        List<Option> options = new ArrayList<>(List.of(junitBundles(),
                systemPackages(LAUNCHER, LOG_OF_PAX_EXAM)));
        options.add(systemPackages(NodeInFramework.systemPackages().toArray(String[]::new)));
        NodeInFramework.locations(folder, names).stream().map(CoreOptions::bundle).forEach(options::add);
        return composite(options.toArray(Option[]::new));
    }

    /** The launcher is outside of the framework, as in a node. */
    @ProbeBuilder
    public TestProbeBuilder imports(TestProbeBuilder probe) {
        probe.setHeader(Constants.IMPORT_PACKAGE, LAUNCHER);
        return probe;
    }

    BundleContext context() {
        return FrameworkUtil.getBundle(getClass()).getBundleContext();
    }

    Distribution distribution() throws Exception {
        if (distribution == null) {
            distribution = Distribution.built();
        }
        return distribution;
    }

    Path folder() {
        return files.getRoot().toPath();
    }

    Path home() {
        return folder().resolve("home");
    }

    /** The built bundle of a symbolic name. */
    Path jar(String name) throws Exception {
        return distribution().files("bundles").stream()
                .filter(jar -> jar.getFileName().toString().startsWith(name + "-")).findFirst().orElseThrow();
    }

    /** Has the node listen. @param settings as {@link NodeInFramework#listen} */
    NodeInFramework listen(String features, String... settings) throws Exception {
        NodeInFramework node = new NodeInFramework((Framework) context()
                .getBundle(Constants.SYSTEM_BUNDLE_ID));
        node.listen(distribution().folder(), home(), features, settings);
        return node;
    }

    /** A client of the node, outside of the framework; closed at the end. */
    Isolated client(String className, Object... arguments) throws Exception {
        Isolated client = Isolated.client(distribution(), className, arguments);
        clients.add(client);
        return client;
    }

    @After
    public final void closeClients() throws Exception {
        for (Isolated client : clients.reversed()) {
            client.close();
        }
    }
}
