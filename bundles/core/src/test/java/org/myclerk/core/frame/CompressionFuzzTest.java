package org.myclerk.core.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;
import org.myclerk.core.Vectors;

/** Any bytes at both decompressors (profile §7). */
class CompressionFuzzTest {

    static Stream<byte[]> seeds() {
        return Stream.concat(Vectors.samples(name -> name.equals("data")),
                Stream.of(Compression.LZ4, Compression.ZSTD).flatMap(algorithm -> Stream.of(0, 2000)
                .map(size -> Compression.compress(algorithm, new byte[size], 0, size))));
    }

    @MethodSource("seeds")
    @FuzzTest
    void restoresTheStatedLengthOrRefuses(byte[] input) {
        byte[] output;
        try {
            output = Compression.decompress(input);
        } catch (Malformed refused) {
            assertNotNull(refused.getMessage());
            return;
        }
        assertTrue(output.length <= Compression.LARGEST_MESSAGE);
        assertEquals(Bytes.copyOf(input, 1, 4), Bytes.ofHex("%08x".formatted(output.length)));
    }
}
