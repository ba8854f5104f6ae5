package org.myclerk.core.frame;

import java.util.Arrays;
import java.util.function.IntPredicate;

import com.github.luben.zstd.Zstd;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;

import org.myclerk.api.operation.ProtocolException.Malformed;

/**
 * Compressed payloads (profile §7): {@code algorithm || u32(original length) || compressed}. Each for itself, no
 * dictionaries. No state; thread-safe.
 */
public final class Compression {

    /** LZ4 block format; also its number in the capability list. */
    public static final int LZ4 = 0;

    /** One zstd frame (RFC 8878); also its number in the capability list. */
    public static final int ZSTD = 1;

    /** The most bytes that may come out. */
    public static final int MOST_BYTES = 1 << 20;

    private static final int HEADER = 5;
    private static final int ZSTD_LEVEL = 3;
    private static final int ZSTD_MAGIC = 0x28B52FFD;
    /** No byte of an LZ4 block makes more bytes than this. */
    private static final long LZ4_GAIN = 255;

    private Compression() {
    }

    /** Asked for once, in a class of its own: zstd is native code, and may be missing. */
    private static final class ZstdLibrary {

        static final boolean AVAILABLE = works(() -> Zstd.compressBound(1));
    }

    static boolean works(Runnable call) {
        try {
            call.run();
            return true;
        } catch (LinkageError missing) {
            return false;
        }
    }

    /** Whether an algorithm works on this machine: LZ4 everywhere, zstd where its native library loads. */
    public static boolean available(int algorithm) {
        return switch (algorithm) {
            case LZ4 -> true;
            case ZSTD -> ZstdLibrary.AVAILABLE;
            default -> false;
        };
    }

    /** Whether an operation is never compressed, because its size would tell a secret. */
    public static boolean barred(int operation) {
        return operation <= 0x001F || operation >= 0xF350 && operation <= 0xF37F
                || operation >= 0x0670 && operation <= 0x067F;
    }

    /**
     * Compresses a payload. Whether it may be, the operation says, and whether that pays, the lengths.
     *
     * @param algorithm one that is {@link #available} and was selected
     */
    public static byte[] compress(int algorithm, byte[] payload, int offset, int length) {
        if (length > MOST_BYTES || !available(algorithm)) {
            throw new IllegalArgumentException("cannot compress %d bytes with algorithm %d"
                    .formatted(length, algorithm));
        }
        byte[] data;
        int size;
        if (algorithm == LZ4) {
            var compressor = LZ4Factory.safeInstance().fastCompressor();
            data = new byte[HEADER + compressor.maxCompressedLength(length)];
            size = compressor.compress(payload, offset, length, data, HEADER, data.length - HEADER);
        } else {
            data = new byte[HEADER + (int) Zstd.compressBound(length)];
            size = (int) Zstd.compressByteArray(data, HEADER, data.length - HEADER, payload, offset, length,
                    ZSTD_LEVEL);
        }
        data[0] = (byte) algorithm;
        HeaderCodec.u32(data, 1, length);
        return Arrays.copyOf(data, HEADER + size);
    }

    /**
     * Restores a payload.
     *
     * @param operation of the message
     * @param selected whether an algorithm was selected for the session
     * @return exactly the length stated
     * @throws Malformed if anything is not as it must be; the message is lost, the session goes on
     */
    public static byte[] decompress(int operation, byte[] data, IntPredicate selected) throws Malformed {
        if (barred(operation)) {
            throw new Malformed("operation 0x%04X is never compressed".formatted(operation));
        }
        if (data.length < HEADER) {
            throw new Malformed("compressed data has a header of %d bytes, got %d".formatted(HEADER, data.length));
        }
        int algorithm = data[0] & 0xFF;
        if (!selected.test(algorithm) || !available(algorithm)) {
            throw new Malformed("compression %d was not selected".formatted(algorithm));
        }
        long length = HeaderCodec.u32(data, 1);
        int size = data.length - HEADER;
        if (length > MOST_BYTES || algorithm == LZ4 && length > LZ4_GAIN * size) {
            throw new Malformed("%d compressed bytes claim to be %d".formatted(size, length));
        }
        byte[] payload = new byte[(int) length];
        long restored = algorithm == LZ4 ? lz4(data, size, payload) : zstd(data, size, payload);
        if (restored != length) {
            throw new Malformed("compressed data does not give %d bytes".formatted(length));
        }
        return payload;
    }

    private static long lz4(byte[] data, int size, byte[] payload) {
        try {
            return LZ4Factory.safeInstance().safeDecompressor()
                    .decompress(data, HEADER, size, payload, 0, payload.length);
        } catch (LZ4Exception damaged) {
            return -1;
        }
    }

    private static long zstd(byte[] data, int size, byte[] payload) {
        boolean oneFrame = size >= Integer.BYTES && HeaderCodec.u32(data, HEADER) == ZSTD_MAGIC
                && Zstd.findFrameCompressedSize(data, HEADER, size) == size;
        return oneFrame ? Zstd.decompressByteArray(payload, 0, payload.length, data, HEADER, size) : -1;
    }
}
