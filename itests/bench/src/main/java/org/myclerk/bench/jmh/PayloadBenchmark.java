package org.myclerk.bench.jmh;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.core.buffer.ArrayBufferInput;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Envelope;
import org.myclerk.api.payload.MessagePackWriter;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.bench.MyClerk.LineSet;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A record of five fields and its request id, to bytes and back: the codec derived from the record, with all
 * checks of hostile input, and msgpack-core with reused packer and unpacker, written by hand for this very
 * record.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PayloadBenchmark {

    private final PayloadCodec<LineSet> codec = PayloadCodec.of(LineSet.class);
    private final MessagePackWriter writer = new MessagePackWriter();
    private final MessageBufferPacker packer = MessagePack.newDefaultBufferPacker();
    private final ArrayBufferInput input = new ArrayBufferInput(new byte[1]);
    private final MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(input);
    private final byte[] received = new byte[256];
    private byte[] bytes;
    private LineSet value;
    private long rid;

    @Setup
    public void setUp() {
        value = new LineSet("gpiochip12", 300, true, "rising", 1_769_990_400L);
        writer.reset();
        codec.write(writer, Envelope.request(131_073), value);
        bytes = writer.toBytes().toArray();
        rid = 131_072;
    }

    private long nextRid() {
        rid = rid + 1 & 0xFFFF | 0x20000;
        return rid;
    }

    @Benchmark
    public int write() {
        writer.reset();
        codec.write(writer, Envelope.request(nextRid()), value);
        return writer.length();
    }

    @Benchmark
    public LineSet read() throws Malformed, Refused {
        return codec.read(Payload.decode(bytes, 0, bytes.length));
    }

    @Benchmark
    public LineSet both() throws Malformed, Refused {
        writer.reset();
        codec.write(writer, Envelope.request(nextRid()), value);
        System.arraycopy(writer.array(), 0, received, 0, writer.length());
        return codec.read(Payload.decode(received, 0, writer.length()));
    }

    @Benchmark
    public LineSet bothMsgpackCore() throws IOException {
        packer.clear();
        packer.packMapHeader(6);
        packer.packString("rid").packLong(nextRid());
        packer.packString("chip").packString(value.chip());
        packer.packString("line").packInt(value.line());
        packer.packString("value").packBoolean(value.value());
        packer.packString("edge").packString(value.edge());
        packer.packString("since").packLong(value.since());
        byte[] packed = packer.toByteArray();
        input.reset(packed, 0, packed.length);
        unpacker.reset(input);
        return unpack();
    }

    private LineSet unpack() throws IOException {
        int entries = unpacker.unpackMapHeader();
        int seen = 0;
        int line = 0;
        long since = 0;
        boolean on = false;
        String chip = null;
        String edge = null;
        for (int i = 0; i < entries; i++) {
            int key;
            switch (unpacker.unpackString()) {
                case "rid" -> {
                    key = 0;
                    rid = unpacker.unpackLong();
                }
                case "chip" -> {
                    key = 1;
                    chip = unpacker.unpackString();
                }
                case "line" -> {
                    key = 2;
                    line = unpacker.unpackInt();
                }
                case "value" -> {
                    key = 3;
                    on = unpacker.unpackBoolean();
                }
                case "edge" -> {
                    key = 4;
                    edge = unpacker.unpackString();
                }
                case "since" -> {
                    key = 5;
                    since = unpacker.unpackLong();
                }
                default -> throw new IOException("an unknown key");
            }
            if ((seen & 1 << key) != 0) {
                throw new IOException("a key is repeated");
            }
            seen |= 1 << key;
        }
        if (seen != 63 || line < 0 || line > 1023) {
            throw new IOException("a field is missing or out of range");
        }
        return new LineSet(chip, line, on, edge, since);
    }
}
