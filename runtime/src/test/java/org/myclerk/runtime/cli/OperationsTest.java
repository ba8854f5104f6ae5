package org.myclerk.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Done;
import org.myclerk.vendor.node.Catalogue;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.TableName;
import org.myclerk.vendor.node.TableRange;
import org.myclerk.vendor.node.Tables;

class OperationsTest {

    private static final OperationTable LAMP = OperationTable.of("lamp", 0xF100, 0xF10F,
            Operation.call(0xF100, "LAMP_SET", "Switch a lamp", RequestTest.Inner.class, Done.class)
            .floor(Tier.T4),
            Operation.call(0xF101, "LAMP_DIM_SLOWLY", "Dim a lamp", RequestTest.Inner.class, Done.class),
            Operation.event(0xF102, "LAMP_BURNT", "A lamp is no more", RequestTest.Inner.class));

    /** A peer that serves lamps; it tells so to those it likes. */
    private record LampPeer(boolean tells) implements Peer {

        @Override
        public <Q, A> A call(Operation<Q, A> operation, Q request, CallOptions options) throws Refused {
            if (!tells) {
                throw Refused.forbidden("not for you");
            }
            Object answer = operation.equals(NodeOperations.NODE_TABLES)
                    ? new Tables(List.of(new TableRange(LAMP.name(), 0xF100, 0xF10F, 3)))
                    : new Catalogue(((TableName) request).table(), LAMP.rows().stream()
                            .map(row -> Operations.describe(LAMP, row)).toList());
            return operation.answer().type().cast(answer);
        }

        @Override
        public Bytes nodeId() {
            return Bytes.EMPTY;
        }

        @Override
        public String name() {
            return "kitchen-pi";
        }

        @Override
        public Set<String> roles() {
            return Set.of();
        }

        @Override
        public Tier tier() {
            return Tier.T5;
        }

        @Override
        public Bytes session() {
            return Bytes.EMPTY;
        }

        @Override
        public boolean connected() {
            return true;
        }

        @Override
        public <Q, A> Followed<A> follow(Operation<Q, A> operation, Q request, int credit,
                CallOptions options) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <Q> void send(Operation<Q, ?> operation, Q message, CallOptions options) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <E> Subscription onEvent(Operation<?, E> operation, Consumer<Event<E>> consumer) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void onEnd(Runnable task) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close(String reason) {
            throw new UnsupportedOperationException();
        }
    }

    private static String refusal(boolean tells, String text) throws Exception {
        Operations operations = Operations.of(new LampPeer(tells));
        return assertThrows(Failure.class, () -> operations.find(text)).getMessage();
    }

    @ParameterizedTest
    @ValueSource(strings = {"lamp.dim-slowly", "LAMP_DIM_SLOWLY", "0xF101", "0xf101", "Lamp.Dim_Slowly"})
    void findsAnOperationHoweverItIsWritten(String text) throws Exception {
        Operations.Found found = Operations.of(new LampPeer(true)).find(text);
        assertEquals(new OpCode(0xF101), found.code());
        assertEquals("lamp.dim-slowly", found.name());
        assertEquals(3, found.neighbours().size());
    }

    @Test
    void takesAnyCodeWithoutKnowingItsFields() throws Exception {
        Operations.Found found = Operations.of(new LampPeer(true)).find("0x0999");
        assertEquals(new OpCode(0x0999), found.code());
        assertEquals(Optional.empty(), found.info());
    }

    @Test
    void suggestsWhatWasMeant() throws Exception {
        assertEquals(
                "lamp.ste: kitchen-pi has no such operation; did you mean lamp.set?; myclerk ops "
                + "kitchen-pi lists them", refusal(true, "lamp.ste"));
        assertEquals("lmap.set: kitchen-pi has no table lmap; did you mean lamp?; it has lamp",
                refusal(true, "lmap.set"));
        assertEquals("0x12345: an operation code is 0x and up to four hexadecimal digits",
                refusal(true, "0x12345"));
    }

    @Test
    void fallsBackToWhatItKnowsItselfWhereAPeerTellsNothing() throws Exception {
        Operations operations = Operations.of(new LampPeer(false));
        assertFalse(operations.told());
        assertEquals(new OpCode(0x0614), operations.find("serial.data-write").code());
        assertTrue(operations.find("0x0614").info().isPresent());
        assertEquals("LAMP_SET: kitchen-pi does not tell its operations; write the code, such as 0x0624",
                refusal(false, "LAMP_SET"));
    }
}
