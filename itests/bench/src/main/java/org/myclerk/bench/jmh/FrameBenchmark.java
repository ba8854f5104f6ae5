package org.myclerk.bench.jmh;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

import org.myclerk.api.operation.ProtocolException.Fatal;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.Tier;
import org.myclerk.core.crypto.CryptoProvider;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;
import org.myclerk.core.frame.Frame;
import org.myclerk.core.frame.Layout;
import org.myclerk.core.frame.OpeningHalf;
import org.myclerk.core.frame.SealingHalf;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One frame sealed and opened again, in order, per tier, provider and size of its plaintext. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FrameBenchmark {

    @Param({"T2", "T3", "T4", "T5"})
    private Tier tier;
    @Param({"jdk", "libcrypto"})
    private String crypto;
    @Param({"64", "1024", "65000"})
    private int size;

    private final byte[] buffer = new byte[1 << 17];
    private CryptoProvider provider;
    private SealingHalf sealing;
    private OpeningHalf opening;

    @Setup
    public void setUp() throws IOException {
        provider = CryptoProvider.of(crypto);
        sealing = new SealingHalf(provider, KeySchedule.applicationKeys(root(), true, new byte[32]), 0);
        opening = new OpeningHalf(provider, KeySchedule.applicationKeys(root(), true, new byte[32]), 0, true);
    }

    @TearDown
    public void tearDown() {
        provider.close();
    }

    private static Secret root() {
        return KeySchedule.root(null, Secret.wrap(new byte[32]));
    }

    @Benchmark
    public byte[] sealAndOpen() throws Fatal, Malformed, IOException {
        if (sealing.counter() == SealingHalf.ROTATE_AT) {
            setUp();
        }
        int length = sealing.seal(buffer, 0, tier, 0xF100, false, false, 7, 1_769_990_400L, null, size);
        Frame frame = Frame.parse(buffer, 0, length);
        if (!opening.trailerMatches(frame)) {
            throw new Malformed("trailer does not fit");
        }
        byte[] plaintext = opening.open(frame);
        System.arraycopy(plaintext, 0, buffer, Layout.header(tier), size);
        return plaintext;
    }
}
