package org.myclerk.testing;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Grant;
import org.myclerk.api.guard.Person;
import org.myclerk.api.guard.Rights;
import org.myclerk.api.guard.Subject;
import org.myclerk.api.guard.Who;
import org.myclerk.api.node.Roles;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.store.Store;

/**
 * Rights in memory, for nodes and roles, without persons and times; what is changed together goes to a store.
 */
public final class TestRights implements Rights {

    private final Store store;
    private final List<Grant> grants = new ArrayList<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /** Rights whose changes are written with others to that store. */
    public TestRights(Store store) {
        this.store = store;
    }

    @Override
    public void change(String by, List<Change> changes, List<Store.Change> together) throws Refused {
        synchronized (this) {
            store.write(together);
            for (Change change : changes) {
                switch (change) {
                    case Change.Give give -> {
                        remove(give.grant().device(), give.grant().to());
                        grants.add(give.grant());
                    }
                    case Change.Take take -> remove(take.device(), take.from());
                    case Change.Put _, Change.Remove _, Change.Zone _ ->
                            throw new UnsupportedOperationException();
                }
            }
        }
        listeners.forEach(Runnable::run);
    }

    private void remove(String device, Subject from) {
        grants.removeIf(grant -> grant.device().equals(device) && grant.to().equals(from));
    }

    @Override
    public synchronized List<Grant> of(String device) {
        return grants.stream().filter(grant -> grant.device().equals(device))
                .sorted(Comparator.comparing(grant -> grant.to().kind())).toList();
    }

    @Override
    public synchronized List<Grant> all() {
        return List.copyOf(grants);
    }

    @Override
    public boolean inForce(Grant grant) {
        return true;
    }

    @Override
    public List<Person> persons() {
        return List.of();
    }

    @Override
    public Optional<Person> personOf(Bytes node) {
        return Optional.empty();
    }

    @Override
    public ZoneId zone() {
        return ZoneId.of("UTC");
    }

    @Override
    public AccessMode mode(Who who, String device) {
        if (who.roles().contains(Roles.ADMIN)) {
            return AccessMode.READ_WRITE;
        }
        List<Grant> here = of(device);
        return here.stream().filter(grant -> grant.to().equals(Subject.node(who.node()))).map(Grant::mode)
                .findFirst()
                .orElseGet(() -> here.stream().filter(grant -> grant.to().kind() == Subject.Kind.ROLE
                        && who.roles().contains(grant.to().name())).map(Grant::mode)
                        .reduce(AccessMode.NONE, AccessMode::or));
    }

    @Override
    public Subscription onNarrowed(Runnable task) {
        listeners.add(task);
        return () -> listeners.remove(task);
    }
}
