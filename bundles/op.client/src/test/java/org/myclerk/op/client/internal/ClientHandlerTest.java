package org.myclerk.op.client.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.myclerk.api.node.Pairing;
import org.myclerk.api.operation.Answers;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.payload.Done;
import org.myclerk.op.client.ClientOperations;
import org.myclerk.op.client.Contact;
import org.myclerk.testing.TestCaller;
import org.myclerk.testing.TestFamily;
import org.myclerk.testing.TestNode;

class ClientHandlerTest {

    private final TestNode node = new TestNode();
    private final TestFamily family = new TestFamily();
    private final Bindings bindings = new ClientHandler(node, family).bindings();
    private final TestCaller caller = new TestCaller("ada", 7);

    @SuppressWarnings("unchecked")
    private <Q, A> A call(Operation<Q, A> row, Q request) throws Exception {
        return ((Bindings.Binding<Q, A>) bindings.binding(row.code())).method().answer(caller, request,
                (Answers<A>) null);
    }

    @Test
    void certifiesWhoRegisters() throws Exception {
        assertEquals(TestFamily.ENROLMENT,
                call(Pairing.CLIENT_REGISTER, new Pairing.Registration(Optional.of("kitchen-pi"))));
        assertEquals(List.of("enrol %s as kitchen-pi".formatted(caller.nodeId().toHex())), List.copyOf(family.asked));
    }

    @Test
    void remembersWhereAHeartbeatSaysItsNodeIs() throws Exception {
        assertEquals(Done.DONE, call(ClientOperations.CLIENT_HEARTBEAT,
                new Contact(List.of("192.0.2.7:5657", "[2001:db8::7]:9"))));
        assertEquals(List.of("serves " + caller.session().toHex(),
                "heard of %s at 192.0.2.7:5657".formatted(caller.nodeId().toHex()),
                "heard of %s at [2001:db8::7]:9".formatted(caller.nodeId().toHex())), List.copyOf(node.asked));
    }

    @Test
    void ignoresEndpointsThatAreNone() throws Exception {
        call(ClientOperations.CLIENT_HEARTBEAT, new Contact(List.of("", "2001:db8::7", "192.0.2.7:0",
                "192.0.2.7:99999", "a".repeat(256), "192.0.2.8")));
        assertEquals(List.of("serves " + caller.session().toHex(),
                "heard of %s at 192.0.2.8:5657".formatted(caller.nodeId().toHex())), List.copyOf(node.asked));
    }

    @Test
    void leavesTheRowsOfLaterUnserved() {
        ClientOperations.TABLE.rows().stream().skip(2).forEach(row -> assertNull(bindings.binding(row.code())));
    }
}
