package org.myclerk.core.session;

import static org.myclerk.api.operation.Operation.answer;
import static org.myclerk.api.operation.Operation.call;
import static org.myclerk.api.operation.Operation.oneWay;

import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.None;

/** Session and key management (§6.1): what the session itself serves. */
public final class CoreOperations {

    public static final Operation<None, None> NOP = oneWay(0x0000, "NOP", "No operation", None.class);
    public static final Operation<None, None> KEEPALIVE =
            call(0x0001, "KEEPALIVE", "Session keepalive", None.class, None.class).answeredWith(0x0002);
    public static final Operation<None, None> KEEPALIVE_ACK =
            answer(0x0002, "KEEPALIVE_ACK", "Keepalive acknowledgment", None.class);
    public static final Operation<SessionInit, SessionAck> SESSION_INIT =
            call(0x0003, "SESSION_INIT", "Initialize session", SessionInit.class, SessionAck.class)
                    .answeredWith(0x0004).floor(Tier.T2);
    public static final Operation<None, SessionAck> SESSION_ACK =
            answer(0x0004, "SESSION_ACK", "Session acknowledgment", SessionAck.class).floor(Tier.T2);
    public static final Operation<SessionClose, None> SESSION_CLOSE =
            call(0x0005, "SESSION_CLOSE", "Close session", SessionClose.class, None.class)
                    .answeredWith(0x0006);
    public static final Operation<None, None> SESSION_CLOSE_ACK =
            answer(0x0006, "SESSION_CLOSE_ACK", "Close acknowledgment", None.class);
    public static final Operation<SessionResume, SessionResumed> SESSION_RESUME =
            call(0x0007, "SESSION_RESUME", "Resume session with ticket", SessionResume.class,
                    SessionResumed.class)
                    .answeredWith(0x0008);
    public static final Operation<None, SessionResumed> SESSION_RESUMED =
            answer(0x0008, "SESSION_RESUMED", "Session resumed", SessionResumed.class);
    public static final Operation<KeyExchangeInit, KeyExchangeResponse> KEY_EXCHANGE_INIT =
            call(0x0010, "KEY_EXCHANGE_INIT", "Initiate key exchange", KeyExchangeInit.class,
                    KeyExchangeResponse.class).answeredWith(0x0011).floor(Tier.T4);
    public static final Operation<None, KeyExchangeResponse> KEY_EXCHANGE_RESPONSE =
            answer(0x0011, "KEY_EXCHANGE_RESPONSE", "Key exchange response", KeyExchangeResponse.class)
                    .floor(Tier.T4);
    public static final Operation<KeyExchangeComplete, None> KEY_EXCHANGE_COMPLETE =
            oneWay(0x0012, "KEY_EXCHANGE_COMPLETE", "Key exchange complete", KeyExchangeComplete.class)
                    .floor(Tier.T4);
    public static final Operation<SessionRotate, SessionRotate> SESSION_ROTATE =
            call(0x0016, "SESSION_ROTATE", "Rotate session key", SessionRotate.class, SessionRotate.class)
                    .floor(Tier.T4);
    public static final Operation<SessionClose, None> SESSION_REVOKE =
            oneWay(0x0017, "SESSION_REVOKE", "Revoke session key", SessionClose.class).floor(Tier.T4);

    /** Table 3 and Table 4. */
    public static final OperationTable TABLE = OperationTable.of("core", 0x0000, 0x001F, NOP, KEEPALIVE,
            KEEPALIVE_ACK,
            SESSION_INIT, SESSION_ACK, SESSION_CLOSE, SESSION_CLOSE_ACK, SESSION_RESUME, SESSION_RESUMED,
            KEY_EXCHANGE_INIT, KEY_EXCHANGE_RESPONSE, KEY_EXCHANGE_COMPLETE, SESSION_ROTATE, SESSION_REVOKE);

    private CoreOperations() {
    }

    /** Whether the session serves a code itself: the whole range, assigned or not. */
    public static boolean serves(int operation) {
        return operation <= 0x001F;
    }
}
