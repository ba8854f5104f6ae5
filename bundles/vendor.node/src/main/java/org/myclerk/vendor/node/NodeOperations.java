package org.myclerk.vendor.node;

import static org.myclerk.api.operation.Operation.call;

import org.myclerk.api.guard.Person;
import org.myclerk.api.node.Family;
import org.myclerk.api.operation.Audience;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;

/** Administration of a node, in the vendor range: nothing of the draft. */
public final class NodeOperations {

    public static final Operation<None, NodeInfo> NODE_INFO =
            call(0xFE00, "NODE_INFO", "Who the node is", None.class, NodeInfo.class)
            .audience(Audience.SHARERS);
    public static final Operation<None, Tables> NODE_TABLES =
            call(0xFE01, "NODE_TABLES", "List the tables of operations it serves", None.class, Tables.class)
                    .audience(Audience.SHARERS);
    public static final Operation<TableName, Catalogue> NODE_CATALOGUE =
            call(0xFE02, "NODE_CATALOGUE", "Describe the operations of a table", TableName.class,
            Catalogue.class)
                    .compressible().audience(Audience.SHARERS);
    public static final Operation<None, Peers> NODE_PEERS =
            call(0xFE03, "NODE_PEERS", "List the nodes it knows", None.class, Peers.class);
    public static final Operation<None, NearbyNodes> NODE_NEARBY =
            call(0xFE04, "NODE_NEARBY", "List nodes that announce themselves nearby", None.class,
            NearbyNodes.class);

    public static final Operation<None, Sessions> NODE_SESSIONS =
            call(0xFE10, "NODE_SESSIONS", "List open sessions", None.class, Sessions.class);
    public static final Operation<SessionRef, Done> NODE_SESSION_CLOSE =
            call(0xFE11, "NODE_SESSION_CLOSE", "Close a session", SessionRef.class, Done.class);
    public static final Operation<SessionRef, Done> NODE_SESSION_ROTATE =
            call(0xFE12, "NODE_SESSION_ROTATE", "Give a session new keys", SessionRef.class, Done.class);
    public static final Operation<SessionRef, Done> NODE_SESSION_REVOKE =
            call(0xFE13, "NODE_SESSION_REVOKE", "End a session and its tickets", SessionRef.class,
            Done.class);

    public static final Operation<None, Family.State> NODE_FAMILY =
            call(0xFE20, "NODE_FAMILY", "Show the family", None.class, Family.State.class);
    public static final Operation<Invite, InvitationText> NODE_INVITE =
            call(0xFE21, "NODE_INVITE", "Invite a node", Invite.class, InvitationText.class);
    public static final Operation<Join, Family.State> NODE_JOIN =
            call(0xFE22, "NODE_JOIN", "Join another family", Join.class, Family.State.class)
            .audience(Audience.OWNERS);
    public static final Operation<Revoke, Done> NODE_REVOKE =
            call(0xFE23, "NODE_REVOKE", "Revoke a peer's certificates", Revoke.class, Done.class);
    public static final Operation<Passphrase, Done> NODE_PASSPHRASE =
            call(0xFE24, "NODE_PASSPHRASE", "Put the root key under a passphrase", Passphrase.class,
            Done.class)
                    .audience(Audience.OWNERS);
    public static final Operation<RootAccess, RootSeed> NODE_ROOT_EXPORT =
            call(0xFE25, "NODE_ROOT_EXPORT", "Hand out the root key's seed", RootAccess.class, RootSeed.class)
                    .audience(Audience.OWNERS);
    public static final Operation<RootAccess, Done> NODE_ROOT_FORGET =
            call(0xFE26, "NODE_ROOT_FORGET", "Take the root key off this node", RootAccess.class, Done.class)
                    .audience(Audience.OWNERS);
    public static final Operation<RootSeed, Done> NODE_ROOT_IMPORT =
            call(0xFE27, "NODE_ROOT_IMPORT", "Bring the root key back", RootSeed.class, Done.class)
            .audience(Audience.OWNERS);
    public static final Operation<Backup, Done> NODE_BACKUP =
            call(0xFE28, "NODE_BACKUP", "Write a backup of the home", Backup.class, Done.class)
            .audience(Audience.OWNERS);

    public static final Operation<Tunnel, TunnelFrame> NODE_TUNNEL =
            call(0xFE30, "NODE_TUNNEL", "Carry the frames of a session to a peer", Tunnel.class,
            TunnelFrame.class)
                    .followed();
    public static final Operation<TunnelSend, Done> NODE_TUNNEL_SEND =
            call(0xFE31, "NODE_TUNNEL_SEND", "Send a frame through a tunnel", TunnelSend.class, Done.class)
                    .audience(Audience.FAMILY);
    public static final Operation<None, TunnelFrame> NODE_TUNNEL_HERE =
            call(0xFE32, "NODE_TUNNEL_HERE", "Carry the frames of a session to this node", None.class,
                    TunnelFrame.class).followed().audience(Audience.FAMILY);

    public static final Operation<None, FeatureList> NODE_FEATURES =
            call(0xFE40, "NODE_FEATURES", "List its features", None.class, FeatureList.class);
    public static final Operation<FeatureName, FeatureInfo> NODE_FEATURE =
            call(0xFE41, "NODE_FEATURE", "Describe a feature", FeatureName.class, FeatureInfo.class);
    public static final Operation<FeatureInstall, FeatureStep> NODE_FEATURE_INSTALL =
            call(0xFE42, "NODE_FEATURE_INSTALL", "Install features", FeatureInstall.class, FeatureStep.class)
                    .followed();
    public static final Operation<FeatureRemove, FeatureStep> NODE_FEATURE_REMOVE =
            call(0xFE43, "NODE_FEATURE_REMOVE", "Remove features", FeatureRemove.class, FeatureStep.class)
            .followed();
    public static final Operation<FeatureInstall, FeatureStep> NODE_FEATURE_UPGRADE =
            call(0xFE44, "NODE_FEATURE_UPGRADE", "Bring features to newer versions", FeatureInstall.class,
                    FeatureStep.class).followed();
    public static final Operation<None, FeatureStep> NODE_FEATURE_ROLLBACK =
            call(0xFE45, "NODE_FEATURE_ROLLBACK", "Take the last change of the features back", None.class,
                    FeatureStep.class).followed();
    public static final Operation<None, FeatureHistory> NODE_FEATURE_HISTORY =
            call(0xFE46, "NODE_FEATURE_HISTORY", "List the last changes of the features", None.class,
                    FeatureHistory.class);
    public static final Operation<FeatureJob, FeatureOutcome> NODE_FEATURE_OUTCOME =
            call(0xFE47, "NODE_FEATURE_OUTCOME", "Tell how a change of the features goes", FeatureJob.class,
                    FeatureOutcome.class);
    public static final Operation<FileSend, FileReceived> NODE_FILE_SEND =
            call(0xFE48, "NODE_FILE_SEND", "Send a piece of a file to be installed", FileSend.class,
                    FileReceived.class);
    public static final Operation<None, Vendors> NODE_VENDORS =
            call(0xFE49, "NODE_VENDORS", "List the vendors it trusts", None.class, Vendors.class);
    public static final Operation<Vendor, Done> NODE_VENDOR_TRUST =
            call(0xFE4A, "NODE_VENDOR_TRUST", "Trust the bundles of a vendor", Vendor.class, Done.class);
    public static final Operation<VendorName, Done> NODE_VENDOR_DISTRUST =
            call(0xFE4B, "NODE_VENDOR_DISTRUST", "Trust a vendor no more", VendorName.class, Done.class);

    public static final Operation<ConfigQuery, Config> NODE_CONFIG =
            call(0xFE50, "NODE_CONFIG", "List its settings", ConfigQuery.class, Config.class).compressible();
    public static final Operation<ConfigSet, Done> NODE_CONFIG_SET =
            call(0xFE51, "NODE_CONFIG_SET", "Change a setting", ConfigSet.class, Done.class);

    public static final Operation<SharesPage, Shares> NODE_SHARES =
            call(0xFE60, "NODE_SHARES", "List what is shared with whom", SharesPage.class, Shares.class)
            .compressible();
    public static final Operation<ShareWith, Done> NODE_SHARE =
            call(0xFE61, "NODE_SHARE", "Share devices", ShareWith.class, Done.class);
    public static final Operation<Unshare, Shares> NODE_UNSHARE =
            call(0xFE62, "NODE_UNSHARE", "Take rights on a device back", Unshare.class, Shares.class);
    public static final Operation<None, Persons> NODE_PERSONS =
            call(0xFE63, "NODE_PERSONS", "List the persons it knows", None.class, Persons.class);
    public static final Operation<Person, Done> NODE_PERSON_SET =
            call(0xFE64, "NODE_PERSON_SET", "Add a person, or change one", Person.class, Done.class);
    public static final Operation<PersonName, Done> NODE_PERSON_REMOVE =
            call(0xFE65, "NODE_PERSON_REMOVE", "Remove a person and its rights", PersonName.class,
            Done.class);
    public static final Operation<TimeZone, TimeZone> NODE_TIME_ZONE =
            call(0xFE66, "NODE_TIME_ZONE", "Tell or set the time zone of rights", TimeZone.class,
            TimeZone.class);
    public static final Operation<DeviceName, DeviceUsers> NODE_WHO =
            call(0xFE67, "NODE_WHO", "Tell who may use a device", DeviceName.class, DeviceUsers.class);
    public static final Operation<Why, Reasons> NODE_WHY =
            call(0xFE68, "NODE_WHY", "Explain a decision of the guard", Why.class, Reasons.class);
    public static final Operation<AuditPage, AuditEntries> NODE_AUDIT =
            call(0xFE69, "NODE_AUDIT", "Show what happened to devices and rights", AuditPage.class,
                    AuditEntries.class).compressible();

    public static final OperationTable TABLE = OperationTable.of("node", 0xFE00, 0xFEFF, NODE_INFO,
            NODE_TABLES, NODE_CATALOGUE, NODE_PEERS, NODE_NEARBY, NODE_SESSIONS, NODE_SESSION_CLOSE,
            NODE_SESSION_ROTATE, NODE_SESSION_REVOKE, NODE_FAMILY, NODE_INVITE, NODE_JOIN, NODE_REVOKE,
            NODE_PASSPHRASE, NODE_ROOT_EXPORT, NODE_ROOT_FORGET, NODE_ROOT_IMPORT, NODE_BACKUP, NODE_TUNNEL,
            NODE_TUNNEL_SEND, NODE_TUNNEL_HERE, NODE_FEATURES, NODE_FEATURE, NODE_FEATURE_INSTALL,
            NODE_FEATURE_REMOVE, NODE_FEATURE_UPGRADE, NODE_FEATURE_ROLLBACK, NODE_FEATURE_HISTORY,
            NODE_FEATURE_OUTCOME, NODE_FILE_SEND, NODE_VENDORS, NODE_VENDOR_TRUST, NODE_VENDOR_DISTRUST,
            NODE_CONFIG, NODE_CONFIG_SET, NODE_SHARES, NODE_SHARE, NODE_UNSHARE, NODE_PERSONS,
            NODE_PERSON_SET, NODE_PERSON_REMOVE, NODE_TIME_ZONE, NODE_WHO, NODE_WHY, NODE_AUDIT);

    private NodeOperations() {
    }
}
