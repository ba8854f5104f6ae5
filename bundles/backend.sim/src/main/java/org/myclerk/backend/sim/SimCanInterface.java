package org.myclerk.backend.sim;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Fields;
import org.myclerk.device.DeviceException;
import org.myclerk.device.can.CanFilter;
import org.myclerk.device.can.CanFrame;
import org.myclerk.device.can.CanFrame.Kind;
import org.myclerk.device.can.CanFrame.Origin;
import org.myclerk.device.can.CanInterface;
import org.myclerk.device.can.CanMode;
import org.myclerk.device.can.CanSetup;
import org.myclerk.device.can.CanState;
import org.myclerk.device.can.CanStatus;
import org.myclerk.device.can.CanStatus.Controller;
import org.myclerk.device.can.CanStatus.Errors;
import org.myclerk.device.can.CanStatus.Traffic;
import org.myclerk.device.can.CanTiming;
import org.myclerk.device.can.OpenCan;

/**
 * A CAN interface whose bus has one more node, at {@value #BITRATE} bit/s. At another bitrate nothing is
 * understood: listening makes the controller error-passive, sending takes it off the bus.
 */
final class SimCanInterface implements CanInterface, SimDevice {

    static final int BITRATE = 500_000;

    /** The other node of the bus. */
    interface Node {

        /** It begins to send to the bus, until the latch is counted down. */
        void join(SimCanInterface bus, CountDownLatch until);

        /** A frame was on the bus. */
        void heard(SimCanInterface bus, CanFrame frame);
    }

    private static final Set<CanMode> CAN_DO = EnumSet.of(CanMode.LISTEN_ONLY, CanMode.ONE_SHOT, CanMode.FD,
            CanMode.BUS_ERROR_REPORTING);
    private static final int QUEUE = 16_384;
    private static final int CLASS_BUS_OFF = 0x40;
    private static final int CLASS_RESTARTED = 0x100;
    private static final String GONE = "No such device (simulated)";

    private final String id;
    private final Node node;
    private final Faults faults;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Opened> users = new ArrayList<>();
    private CountDownLatch joined = new CountDownLatch(1);
    private boolean nodeJoined;
    private boolean unplugged;
    private boolean up = true;
    private CanTiming timing = new CanTiming(BITRATE, 875);
    private CanTiming dataTiming = CanTiming.NONE;
    private Set<CanMode> modes = EnumSet.noneOf(CanMode.class);
    private int restartMillis;
    private boolean busOff;
    private long received;
    private long sent;
    private long dropped;
    private long passives;
    private long busOffs;
    private long restarts;

    SimCanInterface(String id, Node node, Faults faults, InstantSource clock) {
        this.id = id;
        this.node = node;
        this.faults = faults;
        this.clock = clock;
    }

    @Override
    public Fields properties() {
        return Fields.of(Map.of("virtual", false));
    }

    @Override
    public void plug() {
        lock.lock();
        try {
            unplugged = false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void unplug() {
        List<Opened> ended;
        lock.lock();
        try {
            unplugged = true;
            ended = List.copyOf(users);
        } finally {
            lock.unlock();
        }
        ended.forEach(user -> user.end(ErrorCode.NOT_FOUND, GONE));
    }

    @Override
    public CanStatus status() throws DeviceException {
        lock.lock();
        try {
            refuseUnplugged();
            boolean deaf = up && !understands();
            CanState state = !up ? CanState.STOPPED : busOff ? CanState.BUS_OFF
                    : deaf ? CanState.ERROR_PASSIVE : CanState.ERROR_ACTIVE;
            Errors errors = new Errors(busOff ? 256 : 0, deaf && !busOff ? 128 : 0, deaf ? 128 : 0, passives,
                    passives, busOffs, 0, restarts);
            return new CanStatus(up, modes.contains(CanMode.FD),
                    Optional.of(new Controller(state, timing, dataTiming, Set.copyOf(modes), restartMillis,
                    errors)), new Traffic(received, sent, dropped));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void configure(CanSetup setup) throws DeviceException {
        Set<CanMode> wanted = setup.modes().orElse(Set.of());
        if (!CAN_DO.containsAll(wanted)) {
            throw new DeviceException(ErrorCode.BAD_REQUEST,
                    "%s cannot do %s (simulated)".formatted(id, wanted.stream()
                    .filter(mode -> !CAN_DO.contains(mode)).toList()));
        }
        lock.lock();
        try {
            refuseUnplugged();
            timing = setup.timing().map(it -> it.samplePoint() == 0 ? new CanTiming(it.bitrate(), 875) : it)
                    .orElse(timing);
            dataTiming = setup.dataTiming().map(it -> it.samplePoint() == 0 ? new CanTiming(it.bitrate(), 750)
                    : it)
                    .orElse(dataTiming);
            if (setup.modes().isPresent()) {
                modes = EnumSet.noneOf(CanMode.class);
                modes.addAll(wanted);
            }
            restartMillis = setup.restartMillis().orElse(restartMillis);
            boolean wasUp = up;
            up = setup.up().orElse(up);
            if (busOff && (setup.restart() || setup.timing().isPresent() || !wasUp && up)) {
                busOff = false;
                restarts++;
                tell(CLASS_RESTARTED);
            }
            if (up && !understands()) {
                passives++;
            }
            follow();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public OpenCan open(boolean ownFrames) throws DeviceException {
        lock.lock();
        try {
            refuseUnplugged();
            refuseDown();
            Opened opened = new Opened(ownFrames);
            users.add(opened);
            follow();
            return opened;
        } finally {
            lock.unlock();
        }
    }

    private boolean understands() {
        return timing.bitrate() == BITRATE;
    }

    private void refuseUnplugged() throws DeviceException {
        if (unplugged) {
            throw new DeviceException(ErrorCode.NOT_FOUND, "%s: %s".formatted(id, GONE));
        }
    }

    private void refuseDown() throws DeviceException {
        if (!up) {
            throw new DeviceException(ErrorCode.SERVICE_UNAVAILABLE,
                    "%s: Network is down (simulated); configure brings it up".formatted(id));
        }
    }

    /** Has the other node send while somebody listens. */
    private void follow() {
        boolean wanted = up && !busOff && understands() && !users.isEmpty();
        if (wanted && !nodeJoined) {
            nodeJoined = true;
            node.join(this, joined);
        } else if (!wanted && nodeJoined) {
            joined.countDown();
            joined = new CountDownLatch(1);
            nodeJoined = false;
        }
    }

    /** The other node sends. */
    void deliver(CanFrame frame) {
        lock.lock();
        try {
            if (up && !busOff && understands()) {
                received++;
                hand(frame, null);
            }
        } finally {
            lock.unlock();
        }
    }

    private void tell(int errorClass) {
        hand(new CanFrame(Kind.ERROR, errorClass, false, false, false, 8, Bytes.wrap(new byte[8]), 0,
                Origin.BUS),
                null);
    }

    private void hand(CanFrame frame, Opened sender) {
        long now = TimeUnit.SECONDS.toNanos(clock.instant().getEpochSecond()) + clock.instant().getNano();
        for (Opened user : users) {
            Origin origin = sender == null ? Origin.BUS : user == sender ? Origin.OWN : Origin.MACHINE;
            CanFrame arrived = new CanFrame(frame.kind(), frame.id(), frame.extended(), frame.bitRateSwitch(),
                    frame.errorState(), frame.dlc(), frame.data(), now, origin);
            if ((origin != Origin.OWN || user.ownFrames) && CanFilter.pass(user.filters, user.all, arrived)) {
                user.queue(arrived);
            }
        }
        changed.signalAll();
    }

    private void goBusOff() {
        busOff = true;
        busOffs++;
        tell(CLASS_BUS_OFF);
        follow();
    }

    /** A part in the traffic; the interface's lock guards its fields. */
    private final class Opened implements OpenCan {

        private final boolean ownFrames;
        private final ArrayDeque<CanFrame> incoming = new ArrayDeque<>();
        private final CountDownLatch closed = new CountDownLatch(1);
        private final ReentrantLock turn = new ReentrantLock();
        private List<CanFilter> filters = List.of();
        private boolean all;
        private long lost;
        private ErrorCode endCode;
        private String end;

        Opened(boolean ownFrames) {
            this.ownFrames = ownFrames;
        }

        private void queue(CanFrame frame) {
            if (incoming.size() < QUEUE) {
                incoming.add(frame);
            } else {
                lost++;
                dropped++;
            }
        }

        @Override
        public Received receive(int max, Duration timeout) throws DeviceException, InterruptedException {
            long left = timeout.toNanos();
            lock.lock();
            try {
                while (incoming.isEmpty() && left > 0) {
                    check();
                    left = changed.awaitNanos(left);
                }
                check();
                List<CanFrame> frames = new ArrayList<>();
                while (frames.size() < max && !incoming.isEmpty()) {
                    frames.add(incoming.poll());
                }
                Received result = new Received(frames, lost);
                lost = 0;
                return result;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void send(List<CanFrame> frames) throws DeviceException, InterruptedException {
            turn.lockInterruptibly();
            try {
                for (CanFrame frame : frames) {
                    faults.write();
                    if (!faults.latency().isZero()) {
                        closed.await(faults.latency().toNanos(), TimeUnit.NANOSECONDS);
                    }
                    send(frame);
                    node.heard(SimCanInterface.this, frame);
                }
            } finally {
                turn.unlock();
            }
        }

        private void send(CanFrame frame) throws DeviceException {
            lock.lock();
            try {
                check();
                refuseDown();
                if (frame.kind() == Kind.FD && !modes.contains(CanMode.FD)) {
                    throw new DeviceException(ErrorCode.BAD_REQUEST,
                            "%s carries classic frames only: configure mode fd".formatted(id));
                }
                if (modes.contains(CanMode.LISTEN_ONLY)) {
                    throw new DeviceException(ErrorCode.BAD_REQUEST,
                            id + " only listens: configure other modes");
                }
                if (!busOff && !understands()) {
                    goBusOff();
                }
                if (busOff) {
                    throw new DeviceException(ErrorCode.SERVICE_UNAVAILABLE,
                            "%s is bus-off at %d bit/s (simulated): "
                            .formatted(id, timing.bitrate()) + "check the bitrate, then configure a restart");
                }
                sent++;
                hand(frame, this);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void filter(List<CanFilter> wanted, boolean allOfThem) throws DeviceException {
            lock.lock();
            try {
                check();
                filters = List.copyOf(wanted);
                all = allOfThem;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            end(ErrorCode.SERVICE_UNAVAILABLE, "it was closed");
        }

        private void end(ErrorCode code, String why) {
            lock.lock();
            try {
                if (end == null) {
                    endCode = code;
                    end = why;
                }
                users.remove(this);
                follow();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
            closed.countDown();
        }

        private void check() throws DeviceException {
            if (end != null) {
                throw new DeviceException(endCode, "%s: %s".formatted(id, end));
            }
        }
    }
}
