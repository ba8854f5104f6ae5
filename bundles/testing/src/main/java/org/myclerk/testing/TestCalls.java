package org.myclerk.testing;

import org.myclerk.api.operation.Answers;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Bindings.Binding;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Payload;
import org.myclerk.api.payload.PayloadCodec;

/** Calls a handler as dispatch does: the request and the answer go through their encoding. */
public final class TestCalls {

    private TestCalls() {
    }

    /** What may be refused. */
    @FunctionalInterface
    public interface Call {

        void run() throws Exception;
    }

    /** Calls once. */
    public static <Q, A> A call(Bindings bindings, Caller caller, Operation<Q, A> row, Q request)
            throws Refused, InterruptedException {
        return call(bindings, caller, row, request, TestAnswers.single());
    }

    /** @param answers takes those before the last, which is returned */
    @SuppressWarnings("unchecked")
    public static <Q, A> A call(Bindings bindings, Caller caller,
            Operation<Q, A> row, Q request, Answers<A> answers)
            throws Refused, InterruptedException {
        Binding<Q, A> binding = (Binding<Q, A>) bindings.binding(row.code());
        A answer = binding.method().answer(caller, throughTheWire(row.request(), request), answers);
        return throughTheWire(row.answer(), answer);
    }

    private static <T> T throughTheWire(PayloadCodec<T> codec, T value) throws Refused {
        try {
            return codec.read(Payload.decode(codec.encode(value).encoded()));
        } catch (Malformed e) {
            throw new AssertionError(e);
        }
    }

    /** Expects a call to be refused with that code, for a reason that has these words in it. */
    public static void refused(ErrorCode code, String words, Call call) {
        String reason = refused(code, call).getMessage();
        if (!reason.contains(words)) {
            throw new AssertionError("refused, but not with \"%s\": %s".formatted(words, reason));
        }
    }

    /** Expects a call to be refused with that code. */
    public static Refused refused(ErrorCode code, Call call) {
        try {
            call.run();
        } catch (Refused refusal) {
            if (refusal.code() == code) {
                return refusal;
            }
            throw new AssertionError("refused with %s instead of %s".formatted(refusal.code(), code),
                    refusal);
        } catch (Exception e) {
            throw new AssertionError("failed instead of being refused with " + code, e);
        }
        throw new AssertionError("not refused with " + code);
    }
}
