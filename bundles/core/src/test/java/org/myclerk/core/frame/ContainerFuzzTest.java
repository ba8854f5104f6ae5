package org.myclerk.core.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.List;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.core.Vectors;

/** Any bytes at the reader of tier-0 containers (profile §9). */
class ContainerFuzzTest {

    static Stream<byte[]> seeds() {
        return Vectors.samples(name -> name.equals("batch"));
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsAllItemsOfAnyContainerOrNone(byte[] input) {
        List<Container.Item> items;
        try {
            items = Container.read(input);
        } catch (Malformed refused) {
            assertNotNull(refused.getMessage());
            return;
        }
        byte[] again = new byte[input.length];
        int position = 0;
        for (Container.Item item : items) {
            position = Container.write(again, position, item.operation(), input, item.offset(),
                    item.length());
        }
        assertEquals(input.length, position);
        assertArrayEquals(input, again);
    }
}
