package org.myclerk.op.client;

import static org.myclerk.api.operation.Operation.call;

import org.myclerk.api.node.Family;
import org.myclerk.api.node.Pairing;
import org.myclerk.api.operation.Audience;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.payload.Done;

/** Table 9, Client Assignment Operations (§6.2.5). */
public final class ClientOperations {

    public static final Operation<Pairing.Registration, Family.Enrolment> CLIENT_REGISTER =
            Pairing.CLIENT_REGISTER;
    public static final Operation<Contact, Done> CLIENT_HEARTBEAT =
            call(0x0251, "CLIENT_HEARTBEAT", "Client keepalive", Contact.class, Done.class)
                    .audience(Audience.FAMILY);

    /** Hands on a device that is shared with the caller, at most as it is. */
    public static final Operation<Assignment, Done> CLIENT_ASSIGN =
            call(0x0252, "CLIENT_ASSIGN", "Assign device to client", Assignment.class, Done.class)
                    .audience(Audience.HUBS);

    /** Takes back what was assigned; calls and leases that rest on it end. */
    public static final Operation<Unassignment, Done> CLIENT_REVOKE =
            call(0x0253, "CLIENT_REVOKE", "Revoke device from client", Unassignment.class, Done.class)
                    .audience(Audience.HUBS);

    public static final Operation<ClientRef, ClientStatus> CLIENT_STATUS =
            call(0x0254, "CLIENT_STATUS", "Query client status", ClientRef.class, ClientStatus.class)
                    .audience(Audience.HUBS);

    public static final Operation<ClientPage, ClientList> CLIENT_LIST =
            call(0x0255, "CLIENT_LIST", "List registered clients", ClientPage.class, ClientList.class)
                    .audience(Audience.HUBS);

    public static final Operation<ClientRef, ClientInfo> CLIENT_INFO =
            call(0x0256, "CLIENT_INFO", "Get client information", ClientRef.class, ClientInfo.class)
                    .audience(Audience.HUBS);

    /** Asks the node that owns the devices to share them with the caller, a hub. */
    public static final Operation<NewRequest, DeviceRequest> DEVICE_REQUEST_CREATE =
            call(0x0257, "DEVICE_REQUEST_CREATE", "Create device sharing request", NewRequest.class,
                    DeviceRequest.class).audience(Audience.HUBS);

    /** A hub sees its own. Followed, it goes on with those that are new or change. */
    public static final Operation<RequestQuery, RequestList> DEVICE_REQUEST_LIST =
            call(0x0258, "DEVICE_REQUEST_LIST", "List pending device requests", RequestQuery.class,
            RequestList.class)
                    .audience(Audience.HUBS).followed();

    /** Followed, it goes on until the request is no longer pending. */
    public static final Operation<RequestRef, DeviceRequest> DEVICE_REQUEST_DETAILS =
            call(0x0259, "DEVICE_REQUEST_DETAILS", "Get request details", RequestRef.class,
            DeviceRequest.class)
                    .audience(Audience.HUBS).followed();

    /** Approves some devices or all, which shares them in the same step, or none. */
    public static final Operation<RequestDecision, DeviceRequest> DEVICE_REQUEST_RESPOND =
            call(0x025A, "DEVICE_REQUEST_RESPOND", "Approve/reject device request", RequestDecision.class,
                    DeviceRequest.class);

    /** For the hub that made the request. */
    public static final Operation<RequestRef, DeviceRequest> DEVICE_REQUEST_CANCEL =
            call(0x025B, "DEVICE_REQUEST_CANCEL", "Cancel pending request", RequestRef.class,
            DeviceRequest.class)
                    .audience(Audience.HUBS);

    public static final OperationTable TABLE = OperationTable.of("client", 0x0250, 0x025F, CLIENT_REGISTER,
            CLIENT_HEARTBEAT, CLIENT_ASSIGN, CLIENT_REVOKE, CLIENT_STATUS, CLIENT_LIST, CLIENT_INFO,
            DEVICE_REQUEST_CREATE, DEVICE_REQUEST_LIST, DEVICE_REQUEST_DETAILS, DEVICE_REQUEST_RESPOND,
            DEVICE_REQUEST_CANCEL);

    private ClientOperations() {
    }
}
