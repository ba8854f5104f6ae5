package org.myclerk.core.frame;

import java.util.Arrays;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import com.github.luben.zstd.util.Native;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import org.myclerk.api.operation.ProtocolException.Malformed;

/** Compressed payloads (profile §7): {@code algorithm || u32(original length) || compressed}. No state. */
public final class Compression {

    /** An uncompressed message is never larger. */
    public static final int LARGEST_MESSAGE = 1 << 20;

    /** Capability and algorithm number of LZ4 block. */
    public static final int LZ4 = 0;
    /** Capability and algorithm number of zstd. */
    public static final int ZSTD = 1;

    private static final int HEADER = 5;
    /** No byte of an LZ4 block stands for more bytes than this. */
    private static final long LZ4_GAIN = 255;
    private static final LZ4Factory FACTORY = LZ4Factory.safeInstance();

    private Compression() {
    }

    /**
     * Asks for the native library alone: binding its functions takes a tenth of a second, which first use
     * pays.
     */
    private static final class ZstdLibrary {

        static final boolean LOADS = loads();

        private static boolean loads() {
            try {
                Native.load();
                return true;
            } catch (LinkageError missing) {
                return false;
            }
        }
    }

    /** A class of its own, because zstd is native code and may be missing. */
    private static final class ZstdFrame {

        private static final int LEVEL = 3;
        private static final int MAGIC = 0x28B52FFD;

        static byte[] compress(byte[] payload, int offset, int length) {
            byte[] target = new byte[(int) Zstd.compressBound(length)];
            long size = Zstd.compressByteArray(target, 0, target.length, payload, offset, length, LEVEL);
            return Arrays.copyOf(target, (int) size);
        }

        /** One frame and nothing else: neither a second one nor a skippable one. */
        static long decompress(byte[] data, int size, byte[] output) {
            try {
                boolean one = size >= Integer.BYTES && Wire.u32(data, HEADER) == MAGIC
                        && Zstd.findFrameCompressedSize(data, HEADER, size) == size;
                return one ? Zstd.decompressByteArray(output, 0, output.length, data, HEADER, size) : -1;
            } catch (ZstdException broken) {
                return -1;
            }
        }
    }

    /** Whether an algorithm works here: LZ4 does everywhere, zstd where its native library loads. */
    public static boolean available(int algorithm) {
        return algorithm == LZ4 || algorithm == ZSTD && ZstdLibrary.LOADS;
    }

    /** Operations whose payloads may hold a secret beside what another party chose. */
    public static boolean barred(int operation) {
        return operation <= 0x001F || operation >= 0xF350 && operation <= 0xF37F
                || operation >= 0x0670 && operation <= 0x067F;
    }

    /**
     * Compresses a payload; whether that makes it smaller is the caller's to look at.
     *
     * @param algorithm one that is {@link #available}
     * @return {@code alg || u32(length) || compressed}
     */
    public static byte[] compress(int algorithm, byte[] payload, int offset, int length) {
        byte[] compressed = algorithm == LZ4 ? FACTORY.fastCompressor().compress(payload, offset, length)
                : ZstdFrame.compress(payload, offset, length);
        byte[] data = new byte[HEADER + compressed.length];
        data[0] = (byte) algorithm;
        Wire.u32(data, 1, length);
        System.arraycopy(compressed, 0, data, HEADER, compressed.length);
        return data;
    }

    /**
     * The algorithm that data names, 0..255.
     *
     * @throws Malformed if the data is too short to name one
     */
    public static int algorithm(byte[] data) throws Malformed {
        if (data.length < HEADER) {
            throw new Malformed("compressed data of %d bytes".formatted(data.length));
        }
        return data[0] & 0xFF;
    }

    /**
     * Restores a payload; whether its algorithm was selected is the caller's to ask.
     *
     * @throws Malformed if the output would not have exactly the stated length, at most 1 MiB
     */
    public static byte[] decompress(byte[] data) throws Malformed {
        int algorithm = algorithm(data);
        long stated = Wire.u32(data, 1);
        int size = data.length - HEADER;
        if (stated > LARGEST_MESSAGE || !available(algorithm)
                || algorithm == LZ4 && stated > LZ4_GAIN * size) {
            throw new Malformed("does not decompress");
        }
        byte[] output = new byte[(int) stated];
        long restored = algorithm == LZ4 ? lz4(data, size, output) : ZstdFrame.decompress(data, size, output);
        if (restored != stated) {
            throw new Malformed("does not decompress");
        }
        return output;
    }

    private static long lz4(byte[] data, int size, byte[] output) {
        try {
            return FACTORY.safeDecompressor().decompress(data, HEADER, size, output, 0, output.length);
        } catch (LZ4Exception broken) {
            return -1;
        }
    }
}
