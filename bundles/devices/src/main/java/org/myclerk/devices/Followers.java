package org.myclerk.devices;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.device.DeviceEvent;
import org.myclerk.api.device.DeviceEvent.Kind;
import org.myclerk.api.device.DeviceView;
import org.myclerk.api.guard.AccessMode;
import org.myclerk.api.guard.Who;
import org.myclerk.api.node.Roles;
import org.myclerk.api.operation.Caller;

/**
 * Those who follow the devices. Each has a list of what it knows, so that a device that is shared with it
 * later appears, and one that is no longer shared vanishes. All but {@link #add} and {@link #isEmpty} is
 * called on one thread, in the order of events.
 */
final class Followers {

    private static final System.Logger LOG = System.getLogger("org.myclerk.devices");

    private final Permits permits;
    private final List<Follower> all = new CopyOnWriteArrayList<>();

    private static final class Follower {

        private final Who who;
        private final boolean seesAll;
        private final Consumer<DeviceEvent> listener;
        private final long since;
        private final Set<String> known = new HashSet<>();

        Follower(Caller caller, Consumer<DeviceEvent> listener, long since) {
            this.who = Who.of(caller);
            this.seesAll = caller.hasRole(Roles.ADMIN) || caller.hasRole(Roles.HUB);
            this.listener = listener;
            this.since = since;
        }
    }

    Followers(Permits permits) {
        this.permits = permits;
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /**
     * Adds one that hears of events after a number, and gets what it may see now.
     *
     * @param present added to it
     */
    Subscription add(Caller caller, Consumer<DeviceEvent> listener, long since, Collection<DeviceView> views,
            List<DeviceView> present) {
        Follower follower = new Follower(caller, listener, since);
        for (DeviceView view : views) {
            DeviceView seen = seen(follower, view);
            if (seen != null) {
                follower.known.add(view.device());
                present.add(seen);
            }
        }
        all.add(follower);
        return () -> all.remove(follower);
    }

    private DeviceView seen(Follower follower, DeviceView view) {
        AccessMode mode = permits.mode(follower.who, view.device());
        return mode == AccessMode.NONE && !follower.seesAll ? null : view.seenWith(mode);
    }

    /** Tells of the event with that number. */
    void tell(long number, Kind kind, DeviceView view) {
        for (Follower follower : all) {
            if (number <= follower.since) {
                continue;
            }
            if (kind == Kind.VANISHED) {
                if (follower.known.remove(view.device())) {
                    tell(follower, kind, view.seenWith(AccessMode.NONE));
                }
                continue;
            }
            DeviceView seen = seen(follower, view);
            boolean news = kind == Kind.APPEARED ? seen != null && follower.known.add(view.device())
                    : seen != null && follower.known.contains(view.device());
            if (news) {
                tell(follower, kind, seen);
            }
        }
    }

    /** Rights have changed: devices appear and vanish for some. */
    void reconsider(List<DeviceView> views) {
        for (Follower follower : all) {
            List<DeviceEvent> news = new ArrayList<>();
            for (DeviceView view : views) {
                DeviceView seen = seen(follower, view);
                if (seen == null && follower.known.remove(view.device())) {
                    news.add(new DeviceEvent(Kind.VANISHED, view.seenWith(AccessMode.NONE)));
                } else if (seen != null && follower.known.add(view.device())) {
                    news.add(new DeviceEvent(Kind.APPEARED, seen));
                }
            }
            news.forEach(event -> tell(follower, event.kind(), event.device()));
        }
    }

    private static void tell(Follower follower, Kind kind, DeviceView view) {
        try {
            follower.listener.accept(new DeviceEvent(kind, view));
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a follower of devices failed", e);
        }
    }
}
