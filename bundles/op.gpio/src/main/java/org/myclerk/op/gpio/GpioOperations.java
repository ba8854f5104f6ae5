package org.myclerk.op.gpio;

import static org.myclerk.api.operation.Operation.call;
import static org.myclerk.api.operation.Operation.event;

import org.myclerk.api.operation.Operation;
import org.myclerk.api.operation.OperationTable;
import org.myclerk.api.operation.Tier;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.None;

/** Table 12, GPIO Operations (§6.3.3). */
public final class GpioOperations {

    public static final Operation<None, ChipList> GPIO_CHIP_LIST =
            call(0x0620, "GPIO_CHIP_LIST", "List GPIO chips", None.class, ChipList.class).floor(Tier.T1)
            .reads();

    public static final Operation<LineQuery, LineInfos> GPIO_LINE_INFO =
            call(0x0621, "GPIO_LINE_INFO", "Get line information", LineQuery.class, LineInfos.class)
            .floor(Tier.T1)
                    .reads();

    /**
     * Takes lines, all or none; they are given back with GPIO_LINE_RELEASE, or some time after the session's
     * end.
     */
    public static final Operation<LineRequest, LineInfos> GPIO_LINE_REQUEST =
            call(0x0622, "GPIO_LINE_REQUEST", "Request GPIO line", LineRequest.class, LineInfos.class)
            .floor(Tier.T1)
                    .writes();

    public static final Operation<LineRelease, Done> GPIO_LINE_RELEASE =
            call(0x0623, "GPIO_LINE_RELEASE", "Release GPIO line", LineRelease.class, Done.class)
            .floor(Tier.T1)
                    .writes();

    public static final Operation<LineSet, Done> GPIO_LINE_SET =
            call(0x0624, "GPIO_LINE_SET", "Set line value", LineSet.class, Done.class).floor(Tier.T1)
            .writes();

    public static final Operation<LineGet, LineValues> GPIO_LINE_GET =
            call(0x0625, "GPIO_LINE_GET", "Get line value", LineGet.class, LineValues.class).floor(Tier.T1)
            .reads();

    public static final Operation<LineWatch, Done> GPIO_LINE_WATCH =
            call(0x0626, "GPIO_LINE_WATCH", "Watch for edge events", LineWatch.class, Done.class)
            .floor(Tier.T1)
                    .reads();

    public static final Operation<None, GpioEvent> GPIO_EVENT =
            event(0x0627, "GPIO_EVENT", "GPIO edge event notification", GpioEvent.class).floor(Tier.T1);

    public static final Operation<PwmSetup, PwmState> GPIO_PWM_CONFIGURE =
            call(0x0628, "GPIO_PWM_CONFIGURE", "Configure PWM output", PwmSetup.class, PwmState.class)
            .floor(Tier.T1)
                    .writes();

    public static final Operation<PwmDuty, PwmState> GPIO_PWM_SET =
            call(0x0629, "GPIO_PWM_SET", "Set PWM duty cycle", PwmDuty.class, PwmState.class).floor(Tier.T1)
            .writes();

    public static final OperationTable TABLE = OperationTable.of("gpio", 0x0620, 0x062F, GPIO_CHIP_LIST,
            GPIO_LINE_INFO, GPIO_LINE_REQUEST, GPIO_LINE_RELEASE, GPIO_LINE_SET, GPIO_LINE_GET,
            GPIO_LINE_WATCH, GPIO_EVENT, GPIO_PWM_CONFIGURE, GPIO_PWM_SET);

    private GpioOperations() {
    }
}
