package org.myclerk.runtime.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

import org.myclerk.api.client.Peer;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.op.routing.NewRoute;
import org.myclerk.op.routing.Route;
import org.myclerk.op.routing.RouteChange;
import org.myclerk.op.routing.RouteList;
import org.myclerk.op.routing.RoutePriority;
import org.myclerk.op.routing.RouteQuery;
import org.myclerk.op.routing.RouteRef;
import org.myclerk.op.routing.RouteState;
import org.myclerk.op.routing.RoutingOperations;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Routes from devices to clients. */
@Command(name = "routes", description = "List the routes from devices to clients, or change some.",
        footer = {"",
        "The connected client with the highest priority has the device; when it leaves, the next has it."},
        subcommands = {RoutesCommand.ListThem.class, RoutesCommand.Create.class, RoutesCommand.Priority.class,
            RoutesCommand.Turn.class, RoutesCommand.Delete.class})
final class RoutesCommand extends Task {

    @Mixin
    private At at;

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        list(this, at);
    }

    private static void list(Task task, At at) throws Failure, Refused, IOException, InterruptedException {
        Peer peer = at.node(task);
        List<Route> routes = new ArrayList<>();
        Optional<Long> after = Optional.empty();
        do {
            RouteList page = peer.call(RoutingOperations.ROUTE_LIST, new RouteQuery(Optional.empty(), after));
            if (task.json()) {
                task.root().print(RoutingOperations.ROUTE_LIST, page);
            }
            routes.addAll(page.routes());
            after = page.next();
        } while (after.isPresent());
        if (task.json()) {
            return;
        }
        routes.sort(Comparator.comparing(Route::device)
                .thenComparing(Comparator.comparingInt(Route::priority).reversed()));
        Table table = new Table("DEVICE", "CLIENT", "PRIORITY", "STATE");
        routes.forEach(route -> row(table, route));
        if (table.isEmpty()) {
            task.say("no device is routed; myclerk routes create DEVICE CLIENT makes a route");
        } else {
            table.print(task.out());
        }
    }

    private static void row(Table table, Route route) {
        table.row(route.device(), route.clientName(), route.priority(), words(route.state()));
    }

    private static String words(RouteState state) {
        return switch (state) {
            case ACTIVE -> "has it";
            case STANDBY -> "waits";
            case AWAY -> "not connected";
            case NOT_SHARED -> "not shared with it now";
            case NO_DEVICE -> "device not plugged in";
            case LOCKED -> "locked by another";
        };
    }

    private static void tell(Task task, Route route) {
        if (task.json()) {
            task.root().print(RoutingOperations.ROUTE_CREATE, route);
            return;
        }
        task.out().println("%s to %s, priority %d: %s".formatted(route.device(), route.clientName(),
                route.priority(),
                words(route.state())));
    }

    /** {@code routes list}. */
    @Command(name = "list", description = "List the routes.")
    static final class ListThem extends Task {

        @Mixin
        private At at;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            list(this, at);
        }
    }

    /** The two ends of a route, which name it. */
    static final class Ends {

        @Parameters(index = "0", paramLabel = "DEVICE", description = "Its id.")
        private String device;

        @Parameters(index = "1", paramLabel = "CLIENT", description = "Its name or its node id.")
        private String client;
    }

    /** {@code routes create}. */
    @Command(name = "create", description = "Route a device to a client with whom it is shared.")
    static final class Create extends Task {

        @Mixin
        private Ends ends;

        @Option(names = "--priority", paramLabel = "P", description = "The highest wins; 100 if not given.")
        private Optional<Integer> priority;

        @Mixin
        private At at;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            tell(this, at.node(this).call(RoutingOperations.ROUTE_CREATE,
                    new NewRoute(ends.device, ends.client, priority)));
        }
    }

    /** {@code routes priority}. */
    @Command(name = "priority", description = "Set the priority of a route.")
    static final class Priority extends Task {

        @Mixin
        private Ends ends;

        @Parameters(index = "2", paramLabel = "P", description = "The highest wins.")
        private int priority;

        @Mixin
        private At at;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            tell(this, at.node(this).call(RoutingOperations.ROUTE_PRIORITY,
                    new RoutePriority(ends.device, ends.client, priority)));
        }
    }

    /** {@code routes turn}. */
    @Command(name = "turn", description = "Turn a route to another client; its priority stays.")
    static final class Turn extends Task {

        @Mixin
        private Ends ends;

        @Parameters(index = "2", paramLabel = "TO", description = "To whom it is to go.")
        private String to;

        @Mixin
        private At at;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            tell(this, at.node(this).call(RoutingOperations.ROUTE_MODIFY,
                    new RouteChange(ends.device, ends.client, to)));
        }
    }

    /** {@code routes delete}. */
    @Command(name = "delete", description = "Delete a route.")
    static final class Delete extends Task {

        @Mixin
        private Ends ends;

        @Mixin
        private At at;

        @Override
        void run() throws Failure, Refused, IOException, InterruptedException {
            at.node(this).call(RoutingOperations.ROUTE_DELETE, new RouteRef(ends.device, ends.client));
            out().println(json() ? "{}" : "%s is no longer routed to %s".formatted(ends.device, ends.client));
        }
    }
}
