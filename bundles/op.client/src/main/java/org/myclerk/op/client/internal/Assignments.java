package org.myclerk.op.client.internal;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Rights;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.guard.Who;
import org.myclerk.api.node.PeerState;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.store.Store;
import org.myclerk.api.store.Store.Change;
import org.myclerk.api.store.StoreException;
import org.myclerk.op.client.AssignedDevice;
import org.myclerk.op.client.Assignment;

/**
 * The devices that were handed on to clients (§6.2.5): rights given in the name of a hub, which end with the
 * hub's own. Changes are made one after the other. Thread-safe.
 */
final class Assignments {

    static final String BUCKET = "op.client.assigned";

    private static final Logger LOG = System.getLogger("org.myclerk.op.client");
    private static final PayloadCodec<Assigned> CODEC = PayloadCodec.of(Assigned.class);

    /**
     * A right that was handed on, as stored.
     *
     * @param by the node that did, with the roles it had
     */
    public record Assigned(Grant grant, Bytes by, String byName, List<String> byRoles) {
    }

    private record Key(Bytes client, String device) {

        String text() {
            return client.toHex() + "." + device;
        }
    }

    private final Rights rights;
    private final Store store;
    private final Map<Key, Assigned> assigned = new ConcurrentHashMap<>();
    private final ReentrantLock changing = new ReentrantLock();
    /** Whether they are about to be reconsidered: many changes of rights at once need that only once. */
    private final AtomicBoolean due = new AtomicBoolean();
    private final Subscription changes;

    Assignments(Rights rights, Store store) {
        this.rights = rights;
        this.store = store;
        for (Store.Entry entry : store.all(BUCKET)) {
            try {
                Assigned read = CODEC.read(Payload.decode(entry.value()));
                assigned.put(new Key(Bytes.ofHex(read.grant().to().name()), read.grant().device()), read);
            } catch (Malformed | Refused damaged) {
                LOG.log(Level.WARNING, "the assignment {0} is damaged and left out: {1}", entry.key(),
                        damaged.getMessage());
            }
        }
        changes = rights.onNarrowed(() -> {
            if (due.compareAndSet(false, true)) {
                Thread.ofVirtual().name("assignments").start(this::reconsider);
            }
        });
        reconsider();
    }

    void stop() {
        changes.close();
    }

    /**
     * Hands a device on.
     *
     * @throws Refused FORBIDDEN for a wider mode than the caller's own, BAD_REQUEST if the client has a right
     *     on the device already that was not assigned
     */
    void assign(Caller by, PeerState client, Assignment wanted) throws Refused {
        String device = wanted.device();
        AccessMode own = rights.mode(Who.of(by), device);
        AccessMode mode = wanted.mode().orElse(own);
        if (own == AccessMode.NONE) {
            throw Refused.forbidden(
                    "%s is not shared with you now, so you cannot hand it on: ask for it".formatted(
                    device));
        }
        if (mode == AccessMode.NONE) {
            throw Refused.badRequest("mode none hands nothing on: revoke %s instead".formatted(device));
        }
        if (own.or(mode) != own) {
            throw Refused.forbidden("%s is shared with you to %s, and you cannot hand on more".formatted(
                    device, own.words()));
        }
        Key key = new Key(client.id(), device);
        Grant grant = new Grant(device, Subject.node(client.id()), mode, List.of(), Optional.empty(),
                wanted.until());
        Assigned made = new Assigned(grant, by.nodeId(), by.name(), List.copyOf(by.roles()));
        changing.lock();
        try {
            Optional<Grant> before = grant(key);
            if (before.isPresent() && !before.equals(Optional.ofNullable(assigned.get(key))
                    .map(Assigned::grant))) {
                throw Refused.badRequest(
                        "%s was given %s by an administrator, not assigned: change that right instead"
                        .formatted(client.name(), device));
            }
            rights.change(by.name(), List.of(new Rights.Change.Give(grant)),
                    List.of(new Change.Put(BUCKET, key.text(), CODEC.encode(made).encoded())));
            assigned.put(key, made);
        } finally {
            changing.unlock();
        }
    }

    /** @throws Refused NOT_FOUND if that device is not assigned to the client */
    void revoke(Caller by, PeerState client, String device) throws Refused {
        Key key = new Key(client.id(), device);
        changing.lock();
        try {
            if (!assigned.containsKey(key)) {
                throw Refused.notFound("%s is not assigned to %s".formatted(device, client.name()));
            }
            take(by.name(), key);
        } finally {
            changing.unlock();
        }
    }

    /** Takes a right back, unless an administrator has replaced it since; then the assignment alone goes. */
    private void take(String by, Key key) throws Refused {
        Assigned was = assigned.get(key);
        List<Change> changes = List.of(new Change.Remove(BUCKET, key.text()));
        if (grant(key).equals(Optional.of(was.grant()))) {
            rights.change(by, List.of(new Rights.Change.Take(key.device, was.grant().to())), changes);
        } else {
            store.write(changes);
        }
        assigned.remove(key);
    }

    /** What is assigned to a client and was not changed since, in the order of the devices' ids. */
    List<AssignedDevice> of(Bytes client) {
        return assigned.entrySet().stream()
                .filter(it -> it.getKey().client.equals(client) && grant(it.getKey())
                        .equals(Optional.of(it.getValue().grant())))
                .map(it -> new AssignedDevice(it.getKey().device, it.getValue().grant().mode(),
                        it.getValue().grant().until(), it.getValue().byName()))
                .sorted(Comparator.comparing(AssignedDevice::device)).toList();
    }

    /** The right that the client's node has on the device now. */
    private Optional<Grant> grant(Key key) {
        Subject client = Subject.node(key.client);
        return rights.of(key.device).stream().filter(it -> it.to().equals(client)).findFirst();
    }

    /** Takes back what was handed on by somebody who no longer has it. */
    private void reconsider() {
        changing.lock();
        try {
            due.set(false);
            for (Map.Entry<Key, Assigned> each : assigned.entrySet()) {
                Assigned it = each.getValue();
                AccessMode own = rights.mode(new Who(it.by(), Set.copyOf(it.byRoles())), it.grant().device());
                if (own.or(it.grant().mode()) != own) {
                    take(it.byName(), each.getKey());
                }
            }
        } catch (Refused | StoreException failed) {
            LOG.log(Level.WARNING, "a right that was handed on is not taken back: {0}", failed.getMessage());
        } finally {
            changing.unlock();
        }
    }
}
