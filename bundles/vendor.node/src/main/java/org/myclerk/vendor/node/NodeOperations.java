package org.myclerk.vendor.node;

import static org.myclerk.api.operation.Operation.call;

import org.myclerk.api.node.Family;
import org.myclerk.api.operation.Audience;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;

/** Administration of a node, in the vendor range: nothing of the draft. */
public final class NodeOperations {

    public static final Operation<None, NodeInfo> NODE_INFO =
            call(0xFE00, "NODE_INFO", "Who the node is", None.class, NodeInfo.class).audience(Audience.SHARERS);
    public static final Operation<None, Tables> NODE_TABLES =
            call(0xFE01, "NODE_TABLES", "List the tables of operations it serves", None.class, Tables.class)
                    .audience(Audience.SHARERS);
    public static final Operation<TableName, Catalogue> NODE_CATALOGUE =
            call(0xFE02, "NODE_CATALOGUE", "Describe the operations of a table", TableName.class, Catalogue.class)
                    .compressible().audience(Audience.SHARERS);
    public static final Operation<None, Peers> NODE_PEERS =
            call(0xFE03, "NODE_PEERS", "List the nodes it knows", None.class, Peers.class);
    public static final Operation<None, NearbyNodes> NODE_NEARBY =
            call(0xFE04, "NODE_NEARBY", "List nodes that announce themselves nearby", None.class, NearbyNodes.class);

    public static final Operation<None, Sessions> NODE_SESSIONS =
            call(0xFE10, "NODE_SESSIONS", "List open sessions", None.class, Sessions.class);
    public static final Operation<SessionRef, Done> NODE_SESSION_CLOSE =
            call(0xFE11, "NODE_SESSION_CLOSE", "Close a session", SessionRef.class, Done.class);
    public static final Operation<SessionRef, Done> NODE_SESSION_ROTATE =
            call(0xFE12, "NODE_SESSION_ROTATE", "Give a session new keys", SessionRef.class, Done.class);
    public static final Operation<SessionRef, Done> NODE_SESSION_REVOKE =
            call(0xFE13, "NODE_SESSION_REVOKE", "End a session and its tickets", SessionRef.class, Done.class);

    public static final Operation<None, Family.State> NODE_FAMILY =
            call(0xFE20, "NODE_FAMILY", "Show the family", None.class, Family.State.class);
    public static final Operation<Invite, InvitationText> NODE_INVITE =
            call(0xFE21, "NODE_INVITE", "Invite a node", Invite.class, InvitationText.class);
    public static final Operation<Join, Family.State> NODE_JOIN =
            call(0xFE22, "NODE_JOIN", "Join another family", Join.class, Family.State.class).audience(Audience.OWNERS);
    public static final Operation<Revoke, Done> NODE_REVOKE =
            call(0xFE23, "NODE_REVOKE", "Revoke a peer's certificates", Revoke.class, Done.class);
    public static final Operation<Passphrase, Done> NODE_PASSPHRASE =
            call(0xFE24, "NODE_PASSPHRASE", "Put the root key under a passphrase", Passphrase.class, Done.class)
                    .audience(Audience.OWNERS);
    public static final Operation<RootAccess, RootSeed> NODE_ROOT_EXPORT =
            call(0xFE25, "NODE_ROOT_EXPORT", "Hand out the root key's seed", RootAccess.class, RootSeed.class)
                    .audience(Audience.OWNERS);
    public static final Operation<RootAccess, Done> NODE_ROOT_FORGET =
            call(0xFE26, "NODE_ROOT_FORGET", "Take the root key off this node", RootAccess.class, Done.class)
                    .audience(Audience.OWNERS);
    public static final Operation<RootSeed, Done> NODE_ROOT_IMPORT =
            call(0xFE27, "NODE_ROOT_IMPORT", "Bring the root key back", RootSeed.class, Done.class).audience(Audience.OWNERS);
    public static final Operation<Backup, Done> NODE_BACKUP =
            call(0xFE28, "NODE_BACKUP", "Write a backup of the home", Backup.class, Done.class).audience(Audience.OWNERS);

    public static final Operation<Tunnel, TunnelFrame> NODE_TUNNEL =
            call(0xFE30, "NODE_TUNNEL", "Carry the frames of a session to a peer", Tunnel.class, TunnelFrame.class)
                    .followed();
    public static final Operation<TunnelSend, Done> NODE_TUNNEL_SEND =
            call(0xFE31, "NODE_TUNNEL_SEND", "Send a frame through a tunnel", TunnelSend.class, Done.class)
                    .audience(Audience.FAMILY);
    public static final Operation<None, TunnelFrame> NODE_TUNNEL_HERE =
            call(0xFE32, "NODE_TUNNEL_HERE", "Carry the frames of a session to this node", None.class,
                    TunnelFrame.class).followed().audience(Audience.FAMILY);

    public static final OperationTable TABLE = OperationTable.of("node", 0xFE00, 0xFEFF, NODE_INFO, NODE_TABLES,
            NODE_CATALOGUE, NODE_PEERS, NODE_NEARBY, NODE_SESSIONS, NODE_SESSION_CLOSE, NODE_SESSION_ROTATE,
            NODE_SESSION_REVOKE, NODE_FAMILY, NODE_INVITE, NODE_JOIN, NODE_REVOKE, NODE_PASSPHRASE, NODE_ROOT_EXPORT,
            NODE_ROOT_FORGET, NODE_ROOT_IMPORT, NODE_BACKUP, NODE_TUNNEL, NODE_TUNNEL_SEND,
            NODE_TUNNEL_HERE);

    private NodeOperations() {
    }
}
