package org.myclerk.api.operation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.HashSet;
import java.util.function.Predicate;

import org.myclerk.api.operation.ProtocolException.Refused;

/**
 * A table with the methods that serve its rows. Every call and every one-way row is bound or declared
 * unserved.
 */
public final class Bindings {

    /** A row and the method that serves it. */
    public record Binding<Q, A>(Operation<Q, A> operation, FollowedCall<Q, A> method) {

        /** Whether this request is served on the session's loop, which must not wait. */
        public boolean atOnce(Q request) {
            return operation.isInline() || method instanceof AtOnce<Q, A> now && now.when.test(request);
        }
    }

    private record AtOnce<Q, A>(Call<Q, A> method, Predicate<Q> when) implements FollowedCall<Q, A> {

        @Override
        public A answer(Caller caller, Q request, Answers<A> answers) throws Refused, InterruptedException {
            return method.answer(caller, request);
        }
    }

    private final OperationTable table;
    private final Map<Integer, Binding<?, ?>> bound;

    private Bindings(OperationTable table, Map<Integer, Binding<?, ?>> bound) {
        this.table = table;
        this.bound = Map.copyOf(bound);
    }

    public OperationTable table() {
        return table;
    }

    /** What serves the code, or {@code null} if nothing does. */
    public Binding<?, ?> binding(OpCode code) {
        return bound.get(code.value());
    }

    /** Collects the methods of one table. */
    public static final class Builder {

        private final OperationTable table;
        private final Map<Integer, Binding<?, ?>> bound = new HashMap<>();
        private final Set<Integer> unserved = new HashSet<>();

        Builder(OperationTable table) {
            this.table = table;
        }

        public <Q, A> Builder to(Operation<Q, A> row, Call<Q, A> method) {
            return add(row, (caller, request, _) -> method.answer(caller, request));
        }

        /**
         * Binds a row that is served on the session's loop, as one that is declared inline, for some of its
         * requests.
         *
         * @param atOnce which of them certainly do not block; it does not block itself
         */
        public <Q, A> Builder to(Operation<Q, A> row, Call<Q, A> method, Predicate<Q> atOnce) {
            return add(row, new AtOnce<>(method, atOnce));
        }

        /** Binds a row whose answers may go on. */
        public <Q, A> Builder following(Operation<Q, A> row, FollowedCall<Q, A> method) {
            if (!row.isFollowed()) {
                throw new IllegalArgumentException(row + " is not declared as followed");
            }
            return add(row, method);
        }

        /**
         * A row that is knowingly not served: it answers NOT_FOUND and stands in {@code docs/spec/unmet.csv}.
         */
        public Builder unserved(Operation<?, ?> row) {
            check(row);
            unserved.add(row.code().value());
            return this;
        }

        private <Q, A> Builder add(Operation<Q, A> row, FollowedCall<Q, A> method) {
            check(row);
            bound.put(row.code().value(), new Binding<>(row, method));
            return this;
        }

        private void check(Operation<?, ?> row) {
            if (table.row(row.code()) != row) {
                throw new IllegalArgumentException("%s is no row of %s".formatted(row, table.name()));
            }
            if (row.kind() == Kind.EVENT || row.kind() == Kind.ANSWER) {
                throw new IllegalArgumentException("%s is sent, not served".formatted(row));
            }
            if (bound.containsKey(row.code().value()) || unserved.contains(row.code().value())) {
                throw new IllegalArgumentException(row + " is bound twice");
            }
        }

        /**
         * @throws IllegalArgumentException if a row has no method, with the row's name
         */
        public Bindings done() {
            List<String> missing = new ArrayList<>();
            for (Operation<?, ?> row : table.rows()) {
                boolean needsMethod = row.kind() == Kind.CALL || row.kind() == Kind.ONE_WAY;
                int code = row.code().value();
                if (needsMethod && !bound.containsKey(code) && !unserved.contains(code)) {
                    missing.add(row.name());
                }
            }
            if (!missing.isEmpty()) {
                throw new IllegalArgumentException("%s: no method for %s".formatted(table.name(), missing));
            }
            return new Bindings(table, bound);
        }
    }
}
