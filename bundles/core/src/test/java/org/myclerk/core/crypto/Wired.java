package org.myclerk.core.crypto;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The providers of this machine, for tests that are to hold for each. */
public final class Wired {

    /** There on every machine. */
    public static final CryptoProvider JDK = JdkCrypto.JDK;

    private static final List<CryptoProvider> ALL = find();

    /** Another one where there is one: what meets the JDK's at the other end of a session. */
    public static final CryptoProvider OTHER = ALL.getLast();

    private Wired() {
    }

    private static List<CryptoProvider> find() {
        List<CryptoProvider> all = new ArrayList<>(List.of(JDK));
        try {
            all.add(Libcrypto.load());
        } catch (IOException missing) {
            if (Boolean.getBoolean("myclerk.required")) {
                throw new IllegalStateException(missing);
            }
        }
        return List.copyOf(all);
    }

    /** Those that work here. */
    public static List<CryptoProvider> all() {
        return ALL;
    }

    /** One by its setting; the test is skipped where it is not, unless it is required. */
    public static CryptoProvider named(String setting) {
        int index = List.of("jdk", "libcrypto").indexOf(setting);
        return index < ALL.size() ? ALL.get(index) : abort("OpenSSL 3 is not on this machine");
    }
}
