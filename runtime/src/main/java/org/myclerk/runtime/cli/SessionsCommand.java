package org.myclerk.runtime.cli;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

import org.myclerk.api.client.Peer;
import org.myclerk.api.node.SessionState;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;
import org.myclerk.vendor.node.NodeOperations;
import org.myclerk.vendor.node.SessionRef;
import org.myclerk.vendor.node.Sessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists, closes, rotates and revokes the node's sessions. */
@Command(name = "sessions", description = "List the sessions of this node, or close, rotate or revoke some.",
        subcommands = {SessionsCommand.ListThem.class, SessionsCommand.Close.class,
        SessionsCommand.Rotate.class,
            SessionsCommand.Revoke.class})
final class SessionsCommand extends Task {

    @Override
    void run() throws Refused, IOException, InterruptedException {
        list(this);
    }

    private static void list(Task task) throws Refused, IOException, InterruptedException {
        Sessions sessions = task.root().reach().own().call(NodeOperations.NODE_SESSIONS, None.NONE);
        if (task.json()) {
            task.root().print(NodeOperations.NODE_SESSIONS, sessions);
            return;
        }
        Table table = new Table("SESSION", "PEER", "ROLES", "AT", "STARTED BY", "TIER", "KEYS", "AGE");
        for (SessionState session : sessions.sessions()) {
            table.row(session.uid().toHex().substring(0, 8), session.name(),
                    String.join(",", session.roles()),
                    session.remote(), session.initiator() ? "us" : "them", session.tier(),
                    session.generation(),
                    When.ago(session.since()).replace(" ago", ""));
        }
        if (table.isEmpty()) {
            task.say("no session is open");
        } else {
            table.print(task.out());
        }
    }

    /** The sessions that a person means: all of a peer, or the one whose uid begins so. */
    static List<SessionState> matching(List<SessionState> sessions, String target) throws Failure {
        String lower = target.toLowerCase(Locale.ROOT);
        List<SessionState> ofPeer = sessions.stream()
                .filter(session -> session.name().equals(target) || session.peer().toHex().equals(lower))
                .toList();
        if (!ofPeer.isEmpty()) {
            return ofPeer;
        }
        List<SessionState> byUid = !lower.matches("[0-9a-f]{4,32}") ? List.of() : sessions.stream()
                .filter(session -> session.uid().toHex().startsWith(lower)).toList();
        if (byUid.size() > 1) {
            throw new Failure("%s: %d sessions begin so, write more of it".formatted(target, byUid.size()));
        }
        if (byUid.isEmpty()) {
            throw new Failure("%s: no such session or peer with one; myclerk sessions lists them".formatted(
                    target));
        }
        return byUid;
    }

    /** {@code sessions list}. */
    @Command(name = "list", description = "List the open sessions.")
    static final class ListThem extends Task {

        @Override
        void run() throws Refused, IOException, InterruptedException {
            list(this);
        }
    }

    /** Does something to some sessions. */
    private abstract static class Each extends Task {

        private final Operation<SessionRef, Done> operation;
        private final String done;

        @Parameters(paramLabel = "PEER|SESSION",
                description = "All of a peer, or the one whose uid begins so.")
        private String target;

        Each(Operation<SessionRef, Done> operation, String done) {
            this.operation = operation;
            this.done = done;
        }

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            Peer node = root().reach().own();
            List<SessionState> chosen =
                    matching(node.call(NodeOperations.NODE_SESSIONS, None.NONE).sessions(), target);
            for (SessionState session : chosen) {
                node.call(operation, new SessionRef(session.uid()));
                if (!json()) {
                    out().println("%s %s with %s".formatted(done, session.uid().toHex().substring(0, 8),
                            session.name()));
                }
            }
            if (json()) {
                root().print(NodeOperations.NODE_SESSIONS, new Sessions(chosen));
            }
        }
    }

    /** {@code sessions close}. */
    @Command(name = "close", description = "Close sessions; tickets stay good.")
    static final class Close extends Each {

        Close() {
            super(NodeOperations.NODE_SESSION_CLOSE, "closed");
        }
    }

    /** {@code sessions rotate}. */
    @Command(name = "rotate", description = "Give sessions new keys.")
    static final class Rotate extends Each {

        Rotate() {
            super(NodeOperations.NODE_SESSION_ROTATE, "rotated");
        }
    }

    /** {@code sessions revoke}. */
    @Command(name = "revoke", description = "End sessions and the tickets they gave.")
    static final class Revoke extends Each {

        Revoke() {
            super(NodeOperations.NODE_SESSION_REVOKE, "revoked");
        }
    }
}
