package org.myclerk.runtime.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.myclerk.api.client.Peer;
import org.myclerk.api.client.Peer.CallOptions;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Fields;
import org.myclerk.vendor.node.OperationInfo;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code call} and {@code watch} share: the peer, the operation, its fields, and how it is sent. */
final class Exchange {

    @Parameters(index = "0", paramLabel = "PEER", description = "A name, a node id, or self.")
    private String peerName;

    @Parameters(index = "1", paramLabel = "OPERATION",
            description = "gpio.line-set, GPIO_LINE_SET or 0x0624; myclerk ops PEER lists them.")
    private String operationName;

    @Parameters(index = "2..*", arity = "0..*", paramLabel = "KEY=VALUE|JSON",
            description = "Its fields. Bytes: hex:0d0a, text:hello or @FILE. Lists: the key again, or JSON.")
    private List<String> words = List.of();

    @Option(names = "--tier", paramLabel = "N",
            description = "Send at this tier, 2..5; else the larger of 3 and "
            + "what the operation needs.")
    private Optional<Integer> tier = Optional.empty();

    @Option(names = "--timeout", paramLabel = "S", defaultValue = "30",
            description = "Seconds to wait for an answer (${DEFAULT-VALUE} if not given).")
    private int seconds;

    private Peer peer;
    private Operations.Found found;
    private Fields request;

    /** Reaches the peer and checks what is asked of it. */
    void prepare(Task task) throws Failure, Refused, IOException, InterruptedException {
        if (tier.isPresent() && (tier.get() < 2 || tier.get() > 5)) {
            throw Failure.usage("--tier: %d is not in 2..5".formatted(tier.get()));
        }
        if (seconds < 1) {
            throw Failure.usage("--timeout: %d seconds are too few".formatted(seconds));
        }
        peer = task.root().reach().peer(peerName);
        if (peer.tier().below(Tier.T5)) {
            task.say("%s granted %s, tier 5 was asked for".formatted(peer.name(), peer.tier()));
        }
        if (tier.isPresent() && peer.tier().number() < tier.get()) {
            throw new Failure("--tier: %d is more than the session's %s".formatted(tier.get(), peer.tier()));
        }
        found = Operations.of(peer).find(operationName);
        if (!isEvent()) {
            request = Request.of(words, found.info().map(OperationInfo::request));
        }
    }

    Peer peer() {
        return peer;
    }

    Operations.Found found() {
        return found;
    }

    Fields request() {
        return request;
    }

    Operation<Fields, Fields> operation() {
        return Operation.unknown(found.code());
    }

    String kind() {
        return found.info().map(OperationInfo::kind).orElse("call");
    }

    boolean isEvent() {
        return kind().equals("event");
    }

    CallOptions options() {
        Tier floor = Tier.of(found.info().map(OperationInfo::floor).orElse(3));
        return options(tier.map(Tier::of).orElse(Tier.T3.atLeast(floor)));
    }

    private CallOptions options(Tier chosen) {
        return new CallOptions(chosen, Duration.ofSeconds(seconds));
    }

    /** Calls; once more at the tier the peer wants if that is higher than anyone could know. */
    Fields call() throws Refused, IOException, InterruptedException {
        try {
            return peer.call(operation(), request, options());
        } catch (Refused refused) {
            Tier wanted = refused.requiredTier();
            if (refused.code().equals(ErrorCode.FORBIDDEN) && wanted != null && tier.isEmpty()
                    && options().tier().below(wanted) && !peer.tier().below(wanted)) {
                return peer.call(operation(), request, options(wanted));
            }
            throw refused;
        }
    }

    /** The fields of an answer under their names. */
    Map<String, Object> named(Fields answer) {
        return named(answer, found.info());
    }

    static Map<String, Object> named(Fields fields, Optional<OperationInfo> info) {
        Map<String, Object> map = fields.toMap();
        return info.map(known -> Answer.named(map, known.answer())).orElse(map);
    }
}
