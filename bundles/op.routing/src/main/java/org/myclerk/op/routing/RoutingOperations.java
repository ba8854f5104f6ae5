package org.myclerk.op.routing;

import static org.myclerk.api.operation.Operation.call;

import org.myclerk.api.operation.Audience;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.payload.Done;

/** Table 8, Dynamic Routing Operations (§6.2.4). */
public final class RoutingOperations {

    /**
     * Routes a device that is shared with the caller, a hub. Answered when the device has gone where it
     * belongs.
     */
    public static final Operation<NewRoute, Route> ROUTE_CREATE =
            call(0x0240, "ROUTE_CREATE", "Create device route", NewRoute.class, Route.class)
            .audience(Audience.HUBS);

    public static final Operation<RouteRef, Done> ROUTE_DELETE =
            call(0x0241, "ROUTE_DELETE", "Delete device route", RouteRef.class, Done.class)
            .audience(Audience.HUBS);

    public static final Operation<RouteQuery, RouteList> ROUTE_LIST =
            call(0x0242, "ROUTE_LIST", "List active routes", RouteQuery.class, RouteList.class)
                    .audience(Audience.SHARERS);

    public static final Operation<RouteChange, Route> ROUTE_MODIFY =
            call(0x0243, "ROUTE_MODIFY", "Modify existing route", RouteChange.class, Route.class)
                    .audience(Audience.HUBS);

    public static final Operation<AclList, Acl> ACL_SET =
            call(0x0244, "ACL_SET", "Set access control", AclList.class, Acl.class)
            .audience(Audience.ADMINISTRATORS);

    public static final Operation<AclRef, Acl> ACL_GET =
            call(0x0245, "ACL_GET", "Get access control", AclRef.class, Acl.class)
            .audience(Audience.ADMINISTRATORS);

    public static final Operation<AclGrant, Acl> ACL_GRANT =
            call(0x0246, "ACL_GRANT", "Grant client access", AclGrant.class, Acl.class)
                    .audience(Audience.ADMINISTRATORS);

    /** Calls and leases that rest on the right have ended when this is answered. */
    public static final Operation<AclRevocation, Acl> ACL_REVOKE =
            call(0x0247, "ACL_REVOKE", "Revoke client access", AclRevocation.class, Acl.class)
                    .audience(Audience.ADMINISTRATORS);

    public static final Operation<RoutePriority, Route> ROUTE_PRIORITY =
            call(0x0248, "ROUTE_PRIORITY", "Set routing priority", RoutePriority.class, Route.class)
                    .audience(Audience.HUBS);

    public static final OperationTable TABLE = OperationTable.of("routing", 0x0240, 0x024F, ROUTE_CREATE,
            ROUTE_DELETE, ROUTE_LIST, ROUTE_MODIFY, ACL_SET, ACL_GET, ACL_GRANT, ACL_REVOKE, ROUTE_PRIORITY);

    private RoutingOperations() {
    }
}
