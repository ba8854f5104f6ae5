package org.myclerk.core.node;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.Optional;

import org.myclerk.core.session.WallClock;
import org.myclerk.core.trust.Home;
import org.myclerk.core.trust.TrustedClock;

/** The system's clock as far as it is believed: never before the node's lower bound of time. Thread-safe. */
record NodeClock(TrustedClock trusted) implements WallClock {

    static long system() {
        return System.currentTimeMillis() / 1000;
    }

    @Override
    public long unixSeconds() {
        return trusted.certain(system());
    }

    @Override
    public long toleranceSeconds(long limit) {
        return Math.max(limit, trusted.tolerance(system()));
    }

    /** What an empty home is founded with. */
    static Home.Founding founding(Optional<String> name) {
        return new Home.Founding(name.orElseGet(NodeClock::hostName),
                System.getProperty("user.name", "operator"),
                system(), new SecureRandom());
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "node";
        }
    }
}
