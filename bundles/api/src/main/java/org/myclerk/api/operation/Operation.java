package org.myclerk.api.operation;

import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;

import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.None;
import org.myclerk.api.payload.PayloadCodec;

/**
 * One operation, declared once: its code and name, what it carries, and what it needs (§6). Everything else,
 * from encoding to the command line's help, is derived from this declaration.
 *
 * <p>Immutable; the methods without arguments give a changed copy and read as a sentence:
 * {@code call(0x0624, "GPIO_LINE_SET", "Set line value", LineSet.class, Done.class).writes()}.
 *
 * @param <Q> the request's record; {@link None} for events and answers
 * @param <A> the answer's or the event's record
 */
public final class Operation<Q, A> {

    private static final Pattern NAME = Pattern.compile("[A-Z][A-Z0-9_]*");

    private final OpCode code;
    private final String name;
    private final String summary;
    private final Kind kind;
    private final PayloadCodec<Q> request;
    private final PayloadCodec<A> answer;
    private final OpCode answerCode;
    private final Traits traits;

    /** What the fluent methods change. */
    private record Traits(Tier floor, Access access, boolean followed, boolean inline, boolean compressible,
            Audience audience) {
    }

    private Operation(OpCode code, String name, String summary, Kind kind, PayloadCodec<Q> request,
            PayloadCodec<A> answer, OpCode answerCode, Traits traits) {
        this.code = code;
        this.name = name;
        this.summary = summary;
        this.kind = kind;
        this.request = request;
        this.answer = answer;
        this.answerCode = answerCode;
        this.traits = traits;
    }

    private static <Q, A> Operation<Q, A> of(int code, String name, String summary, Kind kind,
            Class<Q> request, Class<A> answer) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("an operation's name is upper case, got " + name);
        }
        try {
            return new Operation<>(new OpCode(code), name, Objects.requireNonNull(summary), kind,
                    PayloadCodec.of(request), PayloadCodec.of(answer), new OpCode(code),
                    new Traits(Tier.T3, Access.NONE, false, false, false, null));
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException(name + ": " + wrong.getMessage(), wrong);
        }
    }

    /** A request with an answer. */
    public static <Q, A> Operation<Q, A> call(int code, String name, String summary, Class<Q> request,
            Class<A> answer) {
        return of(code, name, summary, Kind.CALL, request, answer);
    }

    /** A notification from the side that serves. */
    public static <E> Operation<None, E> event(int code, String name, String summary, Class<E> event) {
        return of(code, name, summary, Kind.EVENT, None.class, event);
    }

    /** A message nobody answers. */
    public static <Q> Operation<Q, None> oneWay(int code, String name, String summary, Class<Q> message) {
        return of(code, name, summary, Kind.ONE_WAY, message, None.class);
    }

    /** A code that only answers another operation. */
    public static <A> Operation<None, A> answer(int code, String name, String summary, Class<A> answer) {
        return of(code, name, summary, Kind.ANSWER, None.class, answer);
    }

    /** An operation known by its code alone, for tools: any fields go, any come back. */
    public static Operation<Fields, Fields> unknown(OpCode code) {
        return call(code.value(), "OPERATION_" + code.toString().substring(2), "Unknown here", Fields.class,
                Fields.class).followed();
    }

    private Operation<Q, A> with(Traits changed) {
        return new Operation<>(code, name, summary, kind, request, answer, answerCode, changed);
    }

    /** It reads the device it names. */
    public Operation<Q, A> reads() {
        return with(new Traits(traits.floor, Access.READ, traits.followed, traits.inline, traits.compressible,
                traits.audience));
    }

    /** It changes the device it names. */
    public Operation<Q, A> writes() {
        return with(new Traits(traits.floor, Access.WRITE, traits.followed, traits.inline,
                traits.compressible, traits.audience));
    }

    /** The lowest tier it may come at (§8.1); 3 unless said otherwise. */
    public Operation<Q, A> floor(Tier floor) {
        return with(new Traits(floor, traits.access, traits.followed, traits.inline, traits.compressible,
                traits.audience));
    }

    /** Its answers may go on (profile §6, followed calls). */
    public Operation<Q, A> followed() {
        return with(new Traits(traits.floor, traits.access, true, traits.inline, traits.compressible,
                traits.audience));
    }

    /** Its handler never blocks and may run on the thread that reads from the network. */
    public Operation<Q, A> inline() {
        return with(new Traits(traits.floor, traits.access, traits.followed, true, traits.compressible,
                traits.audience));
    }

    /**
     * Its payloads never put a secret beside what another party chose, so they may be compressed (profile
     * §7).
     */
    public Operation<Q, A> compressible() {
        return with(new Traits(traits.floor, traits.access, traits.followed, traits.inline, true,
                traits.audience));
    }

    /**
     * Who may use it. Unless said otherwise it is for {@link Audience#SHARERS} if it names, reads or changes
     * a device, and for {@link Audience#ADMINISTRATORS} if not.
     */
    public Operation<Q, A> audience(Audience audience) {
        return with(new Traits(traits.floor, traits.access, traits.followed, traits.inline,
                traits.compressible, Objects.requireNonNull(audience)));
    }

    /** Its answers carry another code (profile §6). */
    public Operation<Q, A> answeredWith(int answerCode) {
        return new Operation<>(code, name, summary, kind, request, answer, new OpCode(answerCode), traits);
    }

    public OpCode code() {
        return code;
    }

    /** The draft's name, upper case with underscores. */
    public String name() {
        return name;
    }

    /** One line for people. */
    public String summary() {
        return summary;
    }

    public Kind kind() {
        return kind;
    }

    public PayloadCodec<Q> request() {
        return request;
    }

    public PayloadCodec<A> answer() {
        return answer;
    }

    /** The code its answers carry; its own unless declared otherwise. */
    public OpCode answerCode() {
        return answerCode;
    }

    public Tier floor() {
        return traits.floor;
    }

    public Access access() {
        return traits.access;
    }

    public boolean isFollowed() {
        return traits.followed;
    }

    public boolean isInline() {
        return traits.inline;
    }

    public boolean isCompressible() {
        return traits.compressible;
    }

    public Audience audience() {
        if (traits.audience != null) {
            return traits.audience;
        }
        return request.namesDevice() || traits.access != Access.NONE ? Audience.SHARERS
                : Audience.ADMINISTRATORS;
    }

    /**
     * The name at the command line within the table called so: GPIO_LINE_SET in {@code gpio} is
     * {@code line-set}.
     */
    String nameIn(String table) {
        String lower = name.toLowerCase(Locale.ROOT).replace('_', '-');
        return lower.startsWith(table + "-") ? lower.substring(table.length() + 1) : lower;
    }

    @Override
    public String toString() {
        return code + " " + name;
    }
}
