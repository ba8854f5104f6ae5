package org.myclerk.vendor.node.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.myclerk.api.device.Devices;
import org.myclerk.api.guard.Audit;
import org.myclerk.api.guard.Guard;
import org.myclerk.api.guard.Rights;
import org.myclerk.api.node.Family;
import org.myclerk.api.node.Nearby;
import org.myclerk.api.node.Node;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Kind;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationHandler;
import org.myclerk.api.operation.OperationRange;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Done;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.vendor.node.Backup;
import org.myclerk.vendor.node.Catalogue;
import org.myclerk.vendor.node.InvitationText;
import org.myclerk.vendor.node.Invite;
import org.myclerk.vendor.node.Join;
import org.myclerk.vendor.node.NearbyNode;
import org.myclerk.vendor.node.NearbyNodes;
import org.myclerk.vendor.node.NodeInfo;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.OperationInfo;
import org.myclerk.vendor.node.Passphrase;
import org.myclerk.vendor.node.Peers;
import org.myclerk.vendor.node.Revoke;
import org.myclerk.vendor.node.RootAccess;
import org.myclerk.vendor.node.RootSeed;
import org.myclerk.vendor.node.SessionRef;
import org.myclerk.vendor.node.Sessions;
import org.myclerk.vendor.node.TableName;
import org.myclerk.vendor.node.TableRange;
import org.myclerk.vendor.node.Tables;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * Serves the administration of a node: what {@link Node}, {@link Family} and {@link Nearby} can do, as
 * operations.
 */
@Component
@OperationRange(name = "node", first = 0xFE00, last = 0xFEFF)
public final class NodeHandler implements OperationHandler {

    /** As far as clocks of a family may be apart (§10.2). */
    private static final long TOLERANCE = 300;

    private final Node node;
    private final Family family;
    private final String version;
    private final InstantSource clock;
    private final long started;
    private final Tunnels tunnels;
    private final RightsAdministration rights;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    volatile Nearby nearby;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC,
            target = "(myclerk.installer=true)")
    volatile Function<Map<String, Object>, Map<String, Object>> installer;

    @Activate
    public NodeHandler(@Reference Node node, @Reference Family family, BundleContext context) {
        this(node, family, context.getBundle().getVersion().toString(), InstantSource.system());
    }

    NodeHandler(Node node, Family family, String version, InstantSource clock) {
        this.node = node;
        this.family = family;
        this.version = version;
        this.clock = clock;
        this.started = now();
        this.tunnels = new Tunnels(node);
        this.rights = new RightsAdministration(node);
    }

    @Deactivate
    void close() {
        tunnels.close();
    }

    int openTunnels() {
        return tunnels.count();
    }

    @Override
    public Bindings bindings() {
        FeatureCalls features = new FeatureCalls(() -> installer);
        return NodeOperations.TABLE.bind()
                .to(NodeOperations.NODE_INFO, (_, _) -> info())
                .to(NodeOperations.NODE_TABLES, (_, _) -> tables())
                .to(NodeOperations.NODE_CATALOGUE, (_, request) -> catalogue(request))
                .to(NodeOperations.NODE_PEERS, (_, _) -> new Peers(node.peers()))
                .to(NodeOperations.NODE_NEARBY, (_, _) -> nearby())
                .to(NodeOperations.NODE_SESSIONS, (_, _) -> new Sessions(node.sessions()))
                .to(NodeOperations.NODE_SESSION_CLOSE, this::closeSession)
                .to(NodeOperations.NODE_SESSION_ROTATE, (_, request) -> rotateSession(request))
                .to(NodeOperations.NODE_SESSION_REVOKE, (_, request) -> revokeSession(request))
                .to(NodeOperations.NODE_FAMILY, (_, _) -> family.state())
                .to(NodeOperations.NODE_INVITE, (_, request) -> invite(request))
                .to(NodeOperations.NODE_JOIN, (_, request) -> join(request))
                .to(NodeOperations.NODE_REVOKE, (_, request) -> revoke(request))
                .to(NodeOperations.NODE_PASSPHRASE, (_, request) -> passphrase(request))
                .to(NodeOperations.NODE_ROOT_EXPORT, (_, request) -> exportRoot(request))
                .to(NodeOperations.NODE_ROOT_FORGET, (_, request) -> forgetRoot(request))
                .to(NodeOperations.NODE_ROOT_IMPORT, (_, request) -> importRoot(request))
                .to(NodeOperations.NODE_BACKUP, (_, request) -> backup(request))
                .following(NodeOperations.NODE_TUNNEL, tunnels::open)
                .to(NodeOperations.NODE_TUNNEL_SEND, tunnels::send)
                .following(NodeOperations.NODE_TUNNEL_HERE, tunnels::here)
                .to(NodeOperations.NODE_FEATURES, (_, _) -> features.list())
                .to(NodeOperations.NODE_FEATURE, (_, request) -> features.info(request))
                .following(NodeOperations.NODE_FEATURE_INSTALL,
                        (_, request, answers) -> features.install("install", request, answers))
                .following(NodeOperations.NODE_FEATURE_REMOVE,
                (_, request, answers) -> features.remove(request, answers))
                .following(NodeOperations.NODE_FEATURE_UPGRADE,
                        (_, request, answers) -> features.install("upgrade", request, answers))
                .following(NodeOperations.NODE_FEATURE_ROLLBACK,
                (_, _, answers) -> features.rollback(answers))
                .to(NodeOperations.NODE_FEATURE_HISTORY, (_, _) -> features.history())
                .to(NodeOperations.NODE_FEATURE_OUTCOME, (_, request) -> features.outcome(request))
                .to(NodeOperations.NODE_FILE_SEND, (_, request) -> features.receive(request))
                .to(NodeOperations.NODE_VENDORS, (_, _) -> features.vendors())
                .to(NodeOperations.NODE_VENDOR_TRUST, (_, request) -> features.trust(request))
                .to(NodeOperations.NODE_VENDOR_DISTRUST, (_, request) -> features.distrust(request))
                .to(NodeOperations.NODE_CONFIG, (_, request) -> features.settings(request))
                .to(NodeOperations.NODE_CONFIG_SET, (_, request) -> features.set(request))
                .to(NodeOperations.NODE_SHARES, (_, request) -> rights.shares(request))
                .to(NodeOperations.NODE_SHARE, rights::share)
                .to(NodeOperations.NODE_UNSHARE, rights::unshare)
                .to(NodeOperations.NODE_PERSONS, (_, _) -> rights.persons())
                .to(NodeOperations.NODE_PERSON_SET, rights::putPerson)
                .to(NodeOperations.NODE_PERSON_REMOVE, rights::removePerson)
                .to(NodeOperations.NODE_TIME_ZONE, rights::timeZone)
                .to(NodeOperations.NODE_WHO, rights::who)
                .to(NodeOperations.NODE_WHY, (_, request) -> rights.why(request))
                .to(NodeOperations.NODE_AUDIT, (_, request) -> rights.audit(request))
                .done();
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void bindRights(Rights service) {
        rights.rights = service;
    }

    void unbindRights(Rights service) {
        rights.rights = rights.rights == service ? null : rights.rights;
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void bindGuard(Guard service) {
        rights.guard = service;
    }

    void unbindGuard(Guard service) {
        rights.guard = rights.guard == service ? null : rights.guard;
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void bindAudit(Audit service) {
        rights.audit = service;
    }

    void unbindAudit(Audit service) {
        rights.audit = rights.audit == service ? null : rights.audit;
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void bindDevices(Devices service) {
        rights.devices = service;
    }

    void unbindDevices(Devices service) {
        rights.devices = rights.devices == service ? null : rights.devices;
    }

    private long now() {
        return clock.instant().getEpochSecond();
    }

    private NodeInfo info() {
        long now = now();
        return new NodeInfo(node.id(), node.name(), version,
                node.listening().stream().map(Endpoint::toString).toList(),
                node.tables().stream().map(OperationTable::name).toList(), started, now, plausible(now));
    }

    /** A clock is wrong that stands before this node's start or before a peer was seen. */
    private boolean plausible(long now) {
        long latest = node.peers().stream().mapToLong(PeerState::lastSeen).reduce(started, Math::max);
        return now + TOLERANCE >= latest;
    }

    private Tables tables() {
        return new Tables(node.tables().stream().map(table -> new TableRange(table.name(),
                table.first().value(),
                table.last().value(), table.rows().size())).toList());
    }

    private Catalogue catalogue(TableName request) throws Refused {
        OperationTable table = node.tables().stream().filter(each -> each.name().equals(request.table()))
                .findFirst()
                .orElseThrow(() -> Refused.notFound("no table here is called \"%s\"; see NODE_TABLES"
                        .formatted(request.table())));
        List<OperationInfo> operations = new ArrayList<>();
        for (Operation<?, ?> row : table.rows()) {
            operations.add(described(table, row));
        }
        return new Catalogue(table.name(), operations);
    }

    private OperationInfo described(OperationTable table, Operation<?, ?> row) {
        boolean sent = row.kind() == Kind.EVENT || row.kind() == Kind.ANSWER;
        return new OperationInfo(row.code().value(), row.name(), table.commandName(row), row.summary(),
                word(row.kind()), row.floor().number(), word(row.access()), row.isFollowed(),
                sent || node.isServed(row.code()), row.request().shape(), row.answer().shape());
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private NearbyNodes nearby() throws Refused {
        Nearby listening = nearby;
        if (listening == null) {
            throw Refused.unavailable(
                    "this node does not listen for others nearby; install org.myclerk.discovery");
        }
        Set<Bytes> known = node.peers().stream().map(PeerState::id).collect(Collectors.toSet());
        return new NearbyNodes(listening.nodes().stream().map(heard -> new NearbyNode(heard.id().toHex(),
                heard.name(),
                heard.endpoints().stream().map(Endpoint::toString).toList(), known.contains(heard.id())))
                .toList());
    }

    private Done closeSession(Caller caller, SessionRef request) throws Refused {
        node.close(request.session(), "closed by " + caller.name());
        return Done.DONE;
    }

    private Done rotateSession(SessionRef request) throws Refused, InterruptedException {
        try {
            node.rotate(request.session());
            return Done.DONE;
        } catch (IOException failed) {
            throw failed(failed);
        }
    }

    private Done revokeSession(SessionRef request) throws Refused {
        node.revoke(request.session());
        return Done.DONE;
    }

    private InvitationText invite(Invite request) throws Refused {
        List<Endpoint> at = new ArrayList<>();
        for (String text : request.at()) {
            try {
                at.add(Endpoint.parse(text));
            } catch (IllegalArgumentException wrong) {
                throw Refused.badRequest("at: " + wrong.getMessage());
            }
        }
        Duration lifetime = Duration.ofMinutes(request.minutes());
        long expires = now() + lifetime.toSeconds();
        return new InvitationText(family.invite(request.role(), lifetime, at, secret(request.passphrase())),
                expires);
    }

    private Family.State join(Join request) throws Refused, InterruptedException {
        try {
            return family.join(request.invitation(), request.name().filter(name -> !name.isBlank()));
        } catch (IOException failed) {
            throw failed(failed);
        }
    }

    private Done revoke(Revoke request) throws Refused {
        family.revoke(request.peer(), secret(request.passphrase()));
        return Done.DONE;
    }

    private Done passphrase(Passphrase request) throws Refused {
        family.passphrase(secret(request.current()), secret(request.next()));
        return Done.DONE;
    }

    private RootSeed exportRoot(RootAccess request) throws Refused {
        return new RootSeed(family.exportRoot(secret(request.passphrase())));
    }

    private Done forgetRoot(RootAccess request) throws Refused {
        family.forgetRoot(secret(request.passphrase()));
        return Done.DONE;
    }

    private Done importRoot(RootSeed request) throws Refused {
        family.importRoot(request.seed());
        return Done.DONE;
    }

    private Done backup(Backup request) throws Refused {
        Path file;
        try {
            file = Path.of(request.path());
        } catch (InvalidPathException wrong) {
            throw Refused.badRequest("\"%s\" is no path of a file".formatted(request.path()));
        }
        if (!file.isAbsolute()) {
            throw Refused.badRequest("\"%s\" is not an absolute path".formatted(request.path()));
        }
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw Refused.badRequest("%s exists; choose a file that does not".formatted(file));
        }
        try {
            family.backup(file);
            return Done.DONE;
        } catch (IOException failed) {
            throw failed(failed);
        }
    }

    /** An empty passphrase is none. */
    private static Optional<char[]> secret(Optional<String> text) {
        return text.filter(some -> !some.isEmpty()).map(String::toCharArray);
    }

    private static Refused failed(IOException cause) {
        return new Refused(ErrorCode.INTERNAL_ERROR, cause.getMessage() == null ? cause.toString()
                : cause.getMessage());
    }
}
