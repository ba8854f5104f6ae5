package org.myclerk.api.payload;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.myclerk.api.operation.ProtocolException.Refused;

/**
 * A free map: fields that no record declares, kept as MessagePack. It can be a component of a payload record,
 * or the whole payload of an operation whose fields are not known here.
 *
 * <p>As Java objects its values are Boolean, Long, BigInteger (above 2^63-1), Double, String, {@link Bytes},
 * List, Map and {@code null}.
 *
 * @param encoded one well-formed MessagePack map
 */
public record Fields(Bytes encoded) {

    public static final Fields NONE = new Fields(Bytes.wrap((byte) 0x80));

    private static final List<String> RESERVED =
            Arrays.stream(Payload.Reserved.values()).map(Payload.Reserved::key).toList();

    /** Encodes a map of the values named above; further integer types and byte arrays are taken too. */
    public static Fields of(Map<String, ?> values) {
        MessagePackWriter out = new MessagePackWriter();
        write(out, values);
        return new Fields(out.toBytes());
    }

    public Map<String, Object> toMap() {
        byte[] array = encoded.toArray();
        MessagePackReader in = new MessagePackReader(array, 0, array.length);
        try {
            int entries = in.mapHeader();
            Map<String, Object> map = LinkedHashMap.newLinkedHashMap(entries);
            for (int i = 0; i < entries; i++) {
                String key = in.text();
                map.put(key, in.any());
            }
            return map;
        } catch (Refused impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static void write(MessagePackWriter out, Object value) {
        switch (value) {
            case null -> out.nil();
            case Boolean b -> out.bool(b);
            case BigInteger big -> {
                if (big.signum() < 0 ? big.bitLength() > 63 : big.bitLength() > 64) {
                    throw new IllegalArgumentException("integer does not fit 64 bits: " + big);
                }
                if (big.signum() < 0) {
                    out.integer(big.longValue());
                } else {
                    out.unsigned(big.longValue());
                }
            }
            case Float f -> out.real(f);
            case Double d -> out.real(d);
            case Number n -> out.integer(n.longValue());
            case String s -> out.text(s);
            case Bytes bytes -> out.binary(bytes);
            case byte[] array -> out.binary(Bytes.wrap(Arrays.copyOf(array, array.length)));
            case Iterable<?> list -> {
                int size = 0;
                for (Iterator<?> i = list.iterator(); i.hasNext(); i.next()) {
                    size++;
                }
                out.listHeader(size);
                list.forEach(element -> write(out, element));
            }
            case Map<?, ?> map -> {
                out.mapHeader(map.size());
                map.forEach((key, element) -> {
                    out.text((String) key);
                    write(out, element);
                });
            }
            default -> throw new IllegalArgumentException("cannot encode " + value.getClass().getName());
        }
    }

    @Override
    public String toString() {
        return toMap().keySet().toString();
    }

    /** The names of the reserved keys, for those who fill a free map from outside. */
    public static List<String> reservedNames() {
        return RESERVED;
    }
}
