package org.myclerk.op.can;

import static org.myclerk.api.operation.Operation.call;

import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;

/**
 * Table 15, CAN Bus Operations (§6.3.6). Who may read an interface may listen to it; sending and changing
 * write.
 */
public final class CanOperations {

    public static final Operation<None, InterfaceList> CAN_INTERFACE_LIST =
            call(0x0650, "CAN_INTERFACE_LIST", "List CAN interfaces", None.class, InterfaceList.class)
            .floor(Tier.T1)
                    .reads();

    /**
     * Begins to take part beside others, with whatever right there is, or finds it open after a session
     * resumed.
     */
    public static final Operation<InterfaceOpen, InterfaceSettings> CAN_INTERFACE_OPEN =
            call(0x0651, "CAN_INTERFACE_OPEN", "Open CAN interface", InterfaceOpen.class,
            InterfaceSettings.class)
                    .floor(Tier.T1);

    public static final Operation<ChannelRef, Done> CAN_INTERFACE_CLOSE =
            call(0x0652, "CAN_INTERFACE_CLOSE", "Close CAN interface", ChannelRef.class, Done.class)
            .floor(Tier.T1);

    /** Changes settings and brings the interface up; what is left out stays. Needs no open interface. */
    public static final Operation<InterfaceSetup, InterfaceSettings> CAN_CONFIGURE =
            call(0x0653, "CAN_CONFIGURE", "Configure bitrate, mode", InterfaceSetup.class,
            InterfaceSettings.class)
                    .floor(Tier.T1).writes();

    /** Answered when the interface has taken all the frames. */
    public static final Operation<FrameSend, Sent> CAN_FRAME_SEND =
            call(0x0654, "CAN_FRAME_SEND", "Send CAN frame", FrameSend.class, Sent.class).floor(Tier.T1)
            .writes();

    /**
     * Answers with what is there, waiting for a first frame; followed, it goes on with every frame that
     * comes.
     */
    public static final Operation<FrameReceive, Frames> CAN_FRAME_RECEIVE =
            call(0x0655, "CAN_FRAME_RECEIVE", "Receive CAN frame", FrameReceive.class, Frames.class)
            .floor(Tier.T1)
                    .reads().followed();

    /** Chooses what this caller receives. */
    public static final Operation<FilterSet, Done> CAN_FILTER_SET =
            call(0x0656, "CAN_FILTER_SET", "Set receive filter", FilterSet.class, Done.class).floor(Tier.T1)
            .reads();

    public static final Operation<ChannelRef, ErrorStatus> CAN_ERROR_STATUS =
            call(0x0657, "CAN_ERROR_STATUS", "Get error counters", ChannelRef.class, ErrorStatus.class)
            .floor(Tier.T1)
                    .reads();

    public static final OperationTable TABLE = OperationTable.of("can", 0x0650, 0x065F, CAN_INTERFACE_LIST,
            CAN_INTERFACE_OPEN, CAN_INTERFACE_CLOSE, CAN_CONFIGURE, CAN_FRAME_SEND, CAN_FRAME_RECEIVE,
            CAN_FILTER_SET, CAN_ERROR_STATUS);

    private CanOperations() {
    }
}
