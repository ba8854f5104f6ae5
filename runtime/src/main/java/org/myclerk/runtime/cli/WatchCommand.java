package org.myclerk.runtime.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

import org.jline.utils.Signals;
import org.myclerk.api.client.Followed;
import org.myclerk.api.client.Peer.Event;
import org.myclerk.api.client.Peer.Subscription;
import org.myclerk.api.operation.OpCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Fields;
import org.myclerk.vendor.node.OperationInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Follows a call and what happens because of it. */
@Command(name = "watch", description = "Follow an operation: each answer and each event is one line of JSON.",
        footer = {"",
        "An event's line begins with \"@event\", its name. Ends when it is interrupted, or with a followed",
            "call when that ends.", "  myclerk watch kitchen-pi serial.data-read port=usb-1"})
final class WatchCommand extends Task {

    private static final int CREDIT = 64;

    @Mixin
    private Exchange exchange;

    private final CompletableFuture<Long> rid = new CompletableFuture<>();
    private volatile boolean stopped;

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        exchange.prepare(this);
        if (exchange.kind().equals("one-way") || exchange.kind().equals("answer")) {
            throw Failure.usage("%s has no answers to watch".formatted(exchange.found().name()));
        }
        Thread watching = Thread.currentThread();
        Runnable stop = () -> {
            stopped = true;
            watching.interrupt();
        };
        Signals.register("INT", stop);
        Signals.register("TERM", stop);
        List<Subscription> subscriptions = subscribe(stop);
        try {
            follow();
        } catch (InterruptedException interrupted) {
            if (!stopped) {
                throw interrupted;
            }
        } finally {
            subscriptions.forEach(Subscription::close);
        }
    }

    private void follow() throws Failure, Refused, IOException, InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        exchange.peer().onEnd(ended::countDown);
        if (!exchange.isEvent()) {
            boolean several = false;
            try (Followed<Fields> call = exchange.peer()
                    .follow(exchange.operation(), exchange.request(), CREDIT,
                    exchange.options())) {
                rid.complete(call.rid());
                for (Fields answer = call.next(); answer != null; answer = call.next()) {
                    several |= !call.last();
                    print(exchange.named(answer));
                }
            }
            if (exchange.found().info().map(OperationInfo::followed).orElse(several) || several) {
                return;
            }
        } else {
            rid.complete(0L);
        }
        ended.await();
        throw new Failure("the session with %s ended".formatted(exchange.peer().name()));
    }

    /** Events of the operation's own code, and of its table's events those that this call causes. */
    private List<Subscription> subscribe(Runnable stop) {
        List<Subscription> subscriptions = new ArrayList<>();
        OpCode own = exchange.found().code();
        subscriptions.add(subscribe(own, exchange.found().info(), false, stop));
        for (OperationInfo neighbour : exchange.found().neighbours()) {
            if (neighbour.kind().equals("event") && neighbour.code() != own.value()) {
                subscriptions.add(subscribe(new OpCode(neighbour.code()), Optional.of(neighbour), true,
                        stop));
            }
        }
        return subscriptions;
    }

    private Subscription subscribe(OpCode code, Optional<OperationInfo> info, boolean onlyOurs,
            Runnable stop) {
        Operation<Fields, Fields> operation = Operation.unknown(code);
        return exchange.peer().onEvent(operation, event -> {
            if (onlyOurs && !ours(event)) {
                return;
            }
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("@event", info.map(OperationInfo::command).orElse(code.toString()));
            line.putAll(Exchange.named(event.value(), info));
            print(line);
            if (out().checkError()) {
                stop.run();
            }
        });
    }

    private boolean ours(Event<Fields> event) {
        return event.watch() != 0 && event.watch() == rid.join();
    }

    private synchronized void print(Map<String, Object> line) {
        out().println(Json.line(line));
        out().flush();
    }
}
