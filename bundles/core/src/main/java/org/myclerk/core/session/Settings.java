package org.myclerk.core.session;

import java.util.List;

import org.myclerk.api.operation.Tier;
import org.myclerk.core.crypto.CryptoProvider;
import org.myclerk.core.frame.Compression;

/**
 * What a node is ready for, whoever calls.
 *
 * @param maximum highest tier this node speaks
 * @param minimum lowest tier a session with keys may have, 3-5; for those without see {@link PlaintextRules}
 * @param capabilities numbers of §7.1, ascending; what this machine cannot decode is left out
 * @param crypto borrowed: who made it closes it
 */
public record Settings(Tier maximum, Tier minimum, List<Long> capabilities, Limits limits, WallClock clock,
        CryptoProvider crypto) {

    public static final long CHACHA20 = 2;
    public static final long AES_GCM = 3;
    public static final long FRAGMENTATION = 4;

    /** LZ4, zstd, ChaCha20-Poly1305, fragmentation. */
    public static final List<Long> CAPABILITIES = List.of(0L, 1L, CHACHA20, FRAGMENTATION);

    /** @throws IllegalArgumentException if no tier is left between minimum and maximum */
    public Settings {
        if (minimum.below(Tier.T3) || maximum.below(minimum)) {
            throw new IllegalArgumentException("a session needs tier 3 or more, and no more than " + maximum);
        }
        capabilities = capabilities.stream().distinct().sorted().toList();
    }

    /**
     * Looked at in each handshake, not at the start: whether a native library loads is known when it is
     * loaded.
     */
    @Override
    public List<Long> capabilities() {
        return capabilities.stream().filter(Settings::usable).toList();
    }

    public static Settings standard(WallClock clock, CryptoProvider crypto) {
        return new Settings(Tier.T5, Tier.T3, CAPABILITIES, Limits.DEFAULT, clock, crypto);
    }

    private static boolean usable(long capability) {
        return capability != AES_GCM
                && (capability > Compression.ZSTD || Compression.available((int) capability));
    }

    public Settings with(Limits changed) {
        return new Settings(maximum, minimum, capabilities, changed, clock, crypto);
    }

    public Settings with(WallClock changed) {
        return new Settings(maximum, minimum, capabilities, limits, changed, crypto);
    }
}
