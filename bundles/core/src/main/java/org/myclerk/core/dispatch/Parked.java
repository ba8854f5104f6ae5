package org.myclerk.core.dispatch;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.function.Consumer;

import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.transport.Link;

/**
 * Messages of one session that wait for the next version of their handler, in order (decision 55). Confined
 * to the session's loop.
 */
final class Parked {

    /** So many, and the session stops reading. */
    private static final int MOST = 256;

    /** A message of the peer. */
    record Message(Tier tier, int operation, Payload payload, long until) {
    }

    private final Link link;
    private final HandlerTable table;
    /** Hands a message to its handler; false if that is still awaited. */
    interface Dispatch {

        boolean test(Tier tier, int operation, Payload payload);
    }

    private final Dispatch dispatch;
    private final Consumer<Message> giveUp;
    private final Consumer<Boolean> full;
    private final ArrayDeque<Message> waiting = new ArrayDeque<>(1);
    private Subscription changes;
    private Link.Timer timer;

    /**
     * @param giveUp refuses a message that waited too long
     * @param full told true when too many wait, then false
     */
    Parked(Link link, HandlerTable table, Dispatch dispatch, Consumer<Message> giveUp,
            Consumer<Boolean> full) {
        this.link = link;
        this.table = table;
        this.dispatch = dispatch;
        this.giveUp = giveUp;
        this.full = full;
    }

    /** Hands a message to its handler, or keeps it until that is there. */
    void take(Tier tier, int operation, Payload payload) {
        boolean behindAnother = !waiting.isEmpty()
                && waiting.stream().anyMatch(each -> each.operation == operation);
        if (!behindAnother && dispatch.test(tier, operation, payload)) {
            return;
        }
        waiting.add(new Message(tier, operation, payload, Connection.now(link)
                + Dispatcher.PATIENCE.toMillis()));
        if (waiting.size() == MOST) {
            full.accept(true);
        }
        if (changes == null) {
            changes = table.onChange(() -> link.execute(this::look));
            look();
        }
    }

    /** Hands over what can go now, and gives up what waited too long. */
    private void look() {
        Set<Integer> awaited = new HashSet<>();
        long now = Connection.now(link);
        for (Iterator<Message> each = waiting.iterator(); each.hasNext();) {
            Message message = each.next();
            if (awaited.contains(message.operation) || !dispatch.test(message.tier, message.operation,
                    message.payload)) {
                awaited.add(message.operation);
                if (message.until > now) {
                    continue;
                }
                giveUp.accept(message);
            }
            each.remove();
        }
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        if (waiting.size() < MOST) {
            full.accept(false);
        }
        if (waiting.isEmpty()) {
            stop();
        } else {
            timer = link.schedule(Duration.ofMillis(Math.max(1, waiting.peek().until - now)),
                    () -> link.execute(this::look));
        }
    }

    /** Gives up all that waits: the session closes. */
    void giveUpAll() {
        waiting.forEach(giveUp);
        stop();
    }

    /** Nothing is wanted any more. */
    void stop() {
        waiting.clear();
        if (changes != null) {
            changes.close();
            changes = null;
        }
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
