package org.myclerk.core.frame;

import java.util.Arrays;

import com.github.luben.zstd.Zstd;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import org.myclerk.api.operation.ProtocolException.Malformed;

/** Compressed payloads (profile §7). No state. */
public final class Compression {

    /** An uncompressed message is never larger. */
    public static final int LARGEST_MESSAGE = 1 << 20;

    /** Capability and algorithm number of LZ4 block. */
    public static final int LZ4 = 0;
    /** Capability and algorithm number of zstd. */
    public static final int ZSTD = 1;

    private static final int HEADER = 5;
    private static final LZ4Factory FACTORY = LZ4Factory.safeInstance();
    private static final boolean ZSTD_LOADS = zstdLoads();

    private Compression() {
    }

    private static boolean zstdLoads() {
        try {
            return Zstd.compressBound(1) > 0;
        } catch (LinkageError noNativeLibrary) {
            return false;
        }
    }

    /** Whether this machine can decode it. */
    public static boolean available(int algorithm) {
        return algorithm == LZ4 || algorithm == ZSTD && ZSTD_LOADS;
    }

    /** Operations whose payloads may hold a secret beside what another party chose. */
    public static boolean barred(int operation) {
        return operation <= 0x001F || operation >= 0xF350 && operation <= 0xF37F
                || operation >= 0x0670 && operation <= 0x067F;
    }

    /** {@code alg || u32(length) || compressed}. */
    public static byte[] compress(int algorithm, byte[] payload, int offset, int length) {
        byte[] compressed;
        if (algorithm == LZ4) {
            compressed = FACTORY.fastCompressor().compress(payload, offset, length);
        } else {
            byte[] target = new byte[(int) Zstd.compressBound(length)];
            long size = Zstd.compressByteArray(target, 0, target.length, payload, offset, length, 3);
            compressed = Arrays.copyOf(target, (int) size);
        }
        byte[] data = new byte[HEADER + compressed.length];
        data[0] = (byte) algorithm;
        Wire.u32(data, 1, length);
        System.arraycopy(compressed, 0, data, HEADER, compressed.length);
        return data;
    }

    /** The algorithm that data names, 0..255. */
    public static int algorithm(byte[] data) throws Malformed {
        if (data.length < HEADER) {
            throw new Malformed("compressed data of %d bytes".formatted(data.length));
        }
        return data[0] & 0xFF;
    }

    /** @throws Malformed if the output would not have exactly the stated length, at most 1 MiB */
    public static byte[] decompress(byte[] data) throws Malformed {
        int algorithm = algorithm(data);
        long stated = Wire.u32(data, 1);
        if (stated > LARGEST_MESSAGE || !available(algorithm)) {
            throw new Malformed("does not decompress");
        }
        byte[] output = new byte[(int) stated];
        long size;
        try {
            size = algorithm == LZ4
                    ? FACTORY.safeDecompressor().decompress(data, HEADER, data.length - HEADER, output, 0, output.length)
                    : zstd(data, output);
        } catch (LZ4Exception broken) {
            throw new Malformed("does not decompress");
        }
        if (size != stated) {
            throw new Malformed("does not decompress");
        }
        return output;
    }

    private static long zstd(byte[] data, byte[] output) {
        long frame = Zstd.findFrameCompressedSize(data, HEADER);
        if (Zstd.isError(frame) || frame != data.length - HEADER) {
            return -1;
        }
        return Zstd.decompressByteArray(output, 0, output.length, data, HEADER, data.length - HEADER);
    }
}
