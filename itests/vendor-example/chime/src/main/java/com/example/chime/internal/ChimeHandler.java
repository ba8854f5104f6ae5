package com.example.chime.internal;

import java.util.concurrent.atomic.AtomicLong;

import com.example.chime.ChimeOperations;
import com.example.chime.Ring;
import com.example.chime.Rung;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.OperationHandler;
import org.myclerk.api.operation.OperationRange;
import org.osgi.service.component.annotations.Component;

/** Rings, and tells whoever rang of every ring. */
@Component
@OperationRange(name = "chime", first = 0xF200, last = 0xF20F)
public final class ChimeHandler implements OperationHandler {

    private final AtomicLong count = new AtomicLong();

    @Override
    public Bindings bindings() {
        return ChimeOperations.TABLE.bind()
                .to(ChimeOperations.CHIME_RING, this::ring)
                .to(ChimeOperations.CHIME_COUNT, (_, _) -> new Rung(count.get()))
                .done();
    }

    private Rung ring(Caller caller, Ring request) throws InterruptedException {
        for (int i = 0; i < request.times(); i++) {
            caller.emit(ChimeOperations.CHIME_RUNG, new Rung(count.incrementAndGet()));
        }
        return new Rung(count.get());
    }
}
