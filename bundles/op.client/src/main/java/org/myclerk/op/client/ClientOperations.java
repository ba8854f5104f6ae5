package org.myclerk.op.client;

import static org.myclerk.api.operation.Operation.call;

import org.myclerk.api.node.Family;
import org.myclerk.api.node.Pairing;
import org.myclerk.api.operation.Audience;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.Fields;

/**
 * Table 9, Client Assignment Operations (§6.2.5). The draft gives no fields; a row that is not served yet takes any, so
 * that nothing is promised before it works.
 */
public final class ClientOperations {

    public static final Operation<Pairing.Registration, Family.Enrolment> CLIENT_REGISTER = Pairing.CLIENT_REGISTER;
    public static final Operation<Contact, Done> CLIENT_HEARTBEAT =
            call(0x0251, "CLIENT_HEARTBEAT", "Client keepalive", Contact.class, Done.class)
                    .audience(Audience.FAMILY);
    public static final Operation<Fields, Fields> CLIENT_ASSIGN =
            call(0x0252, "CLIENT_ASSIGN", "Assign device to client", Fields.class, Fields.class);
    public static final Operation<Fields, Fields> CLIENT_REVOKE =
            call(0x0253, "CLIENT_REVOKE", "Revoke device from client", Fields.class, Fields.class);
    public static final Operation<ClientQuery, ClientStatus> CLIENT_STATUS =
            call(0x0254, "CLIENT_STATUS", "Query client status", ClientQuery.class, ClientStatus.class);
    public static final Operation<ClientPage, ClientList> CLIENT_LIST =
            call(0x0255, "CLIENT_LIST", "List registered clients", ClientPage.class, ClientList.class);
    public static final Operation<ClientRef, ClientInfo> CLIENT_INFO =
            call(0x0256, "CLIENT_INFO", "Get client information", ClientRef.class, ClientInfo.class);
    public static final Operation<Fields, Fields> DEVICE_REQUEST_CREATE =
            call(0x0257, "DEVICE_REQUEST_CREATE", "Create device sharing request", Fields.class, Fields.class);
    public static final Operation<Fields, Fields> DEVICE_REQUEST_LIST =
            call(0x0258, "DEVICE_REQUEST_LIST", "List pending device requests", Fields.class, Fields.class);
    public static final Operation<Fields, Fields> DEVICE_REQUEST_DETAILS =
            call(0x0259, "DEVICE_REQUEST_DETAILS", "Get request details", Fields.class, Fields.class);
    public static final Operation<Fields, Fields> DEVICE_REQUEST_RESPOND =
            call(0x025A, "DEVICE_REQUEST_RESPOND", "Approve/reject device request", Fields.class, Fields.class);
    public static final Operation<Fields, Fields> DEVICE_REQUEST_CANCEL =
            call(0x025B, "DEVICE_REQUEST_CANCEL", "Cancel pending request", Fields.class, Fields.class);

    public static final OperationTable TABLE = OperationTable.of("client", 0x0250, 0x025F, CLIENT_REGISTER,
            CLIENT_HEARTBEAT, CLIENT_ASSIGN, CLIENT_REVOKE, CLIENT_STATUS, CLIENT_LIST, CLIENT_INFO,
            DEVICE_REQUEST_CREATE, DEVICE_REQUEST_LIST, DEVICE_REQUEST_DETAILS, DEVICE_REQUEST_RESPOND,
            DEVICE_REQUEST_CANCEL);

    private ClientOperations() {
    }
}
