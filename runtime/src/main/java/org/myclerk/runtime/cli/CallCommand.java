package org.myclerk.runtime.cli;

import java.io.IOException;

import org.myclerk.api.operation.ProtocolException.Refused;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Calls an operation. */
@Command(name = "call", description = "Call an operation of a node and print its answer as JSON.",
        footer = {"", "Exit status 0 if the peer did it, 1 with its reason on standard error if not.",
            "  myclerk call self node.info",
            "  myclerk call kitchen-pi serial.data-write port=usb-1 data=text:hello"})
final class CallCommand extends Task {

    @Mixin
    private Exchange exchange;

    @Override
    void run() throws Failure, Refused, IOException, InterruptedException {
        exchange.prepare(this);
        switch (exchange.kind()) {
            case "event" -> throw Failure.usage("%s is an event, nobody calls it; watch it with myclerk watch"
                    .formatted(exchange.found().name()));
            case "answer" ->
                    throw Failure.usage("%s only answers another operation".formatted(exchange.found()
                            .name()));
            case "one-way" -> {
                exchange.peer().send(exchange.operation(), exchange.request(), exchange.options());
                out().println("{}");
            }
            default -> out().println(Json.line(exchange.named(exchange.call())));
        }
    }
}
