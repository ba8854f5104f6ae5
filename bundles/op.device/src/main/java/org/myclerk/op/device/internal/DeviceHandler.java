package org.myclerk.op.device.internal;

import static org.myclerk.op.device.DeviceOperations.DEVICE_CAPABILITIES;
import static org.myclerk.op.device.DeviceOperations.DEVICE_CONFIGURE;
import static org.myclerk.op.device.DeviceOperations.DEVICE_DISCOVER;
import static org.myclerk.op.device.DeviceOperations.DEVICE_INFO;
import static org.myclerk.op.device.DeviceOperations.DEVICE_LIST;
import static org.myclerk.op.device.DeviceOperations.DEVICE_LOCK;
import static org.myclerk.op.device.DeviceOperations.DEVICE_SUBSCRIBE;
import static org.myclerk.op.device.DeviceOperations.DEVICE_UNLOCK;
import static org.myclerk.op.device.DeviceOperations.DEVICE_UNSUBSCRIBE;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import org.myclerk.api.device.Configurable;
import org.myclerk.api.device.Device;
import org.myclerk.api.device.DeviceEvent;
import org.myclerk.api.device.DeviceEvent.Kind;
import org.myclerk.api.device.DeviceView;
import org.myclerk.api.device.Devices;
import org.myclerk.api.device.Setting;
import org.myclerk.api.operation.Answers;
import org.myclerk.api.operation.Bindings;
import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.OperationHandler;
import org.myclerk.api.operation.OperationRange;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Done;
import org.myclerk.api.payload.Fields;
import org.myclerk.api.payload.None;
import org.myclerk.op.device.DeviceCapabilities;
import org.myclerk.op.device.DeviceConfiguration;
import org.myclerk.op.device.DeviceList;
import org.myclerk.op.device.DeviceLock;
import org.myclerk.op.device.DeviceNews;
import org.myclerk.op.device.DeviceOperations;
import org.myclerk.op.device.DevicePage;
import org.myclerk.op.device.DeviceRef;
import org.myclerk.op.device.Subscription;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Serves the device range from the registry. */
@Component
@OperationRange(name = "device", first = 0x0200, last = 0x020F)
public final class DeviceHandler implements OperationHandler {

    private static final int USUAL_LIMIT = 100;
    private static final int USUAL_LOCK_SECONDS = 300;

    private final Devices devices;
    private final AtomicLong last = new AtomicLong();
    private final Map<Long, Open> subscriptions = new ConcurrentHashMap<>();

    /** A subscription, and the session it belongs to. */
    private record Open(Bytes session, News news) {
    }

    /** Gives a page of devices. */
    private interface Pages {

        List<DeviceView> get(Caller caller, String after, int limit);
    }

    @Activate
    public DeviceHandler(@Reference Devices devices) {
        this.devices = devices;
    }

    /** Ends all subscriptions. */
    @Deactivate
    public void stop() {
        subscriptions.values().forEach(open ->
                open.news.fail(
                        Refused.unavailable("the node stops to watch its devices: subscribe again later")));
    }

    @Override
    public Bindings bindings() {
        return DeviceOperations.TABLE.bind()
                .to(DEVICE_LIST, (caller, page) -> page(caller, page, devices::list))
                .to(DEVICE_INFO, (caller, request) -> devices.view(caller, request.device()))
                .following(DEVICE_SUBSCRIBE, this::subscribe)
                .to(DEVICE_UNSUBSCRIBE, this::unsubscribe)
                .to(DEVICE_LOCK, this::lock)
                .to(DEVICE_UNLOCK, (caller, request) -> devices.unlock(caller, request.device()))
                .to(DEVICE_CONFIGURE, this::configure)
                .to(DEVICE_CAPABILITIES, this::capabilities)
                .to(DEVICE_DISCOVER, (caller, page) -> page(caller, page, devices::discover))
                .done();
    }

    private DeviceList page(Caller caller, DevicePage page, Pages present) {
        Pages pages = page.away().orElse(false) ? devices::away : present;
        int limit = page.limit().orElse(USUAL_LIMIT);
        List<DeviceView> found = pages.get(caller, page.after().orElse(""), limit + 1);
        return found.size() <= limit ? new DeviceList(found, Optional.empty())
                : new DeviceList(found.subList(0, limit), Optional.of(found.get(limit - 1).device()));
    }

    private DeviceView lock(Caller caller, DeviceLock request) throws Refused {
        Duration time = Duration.ofSeconds(request.seconds().orElse(USUAL_LOCK_SECONDS));
        return devices.lock(caller, request.device(), time, request.takeOver().orElse(false));
    }

    private DeviceView configure(Caller caller, DeviceConfiguration request) throws Refused {
        return devices.configure(caller, request.device(), request.name(), request.place(),
                request.settings().orElse(Fields.NONE));
    }

    private DeviceCapabilities capabilities(Caller caller, DeviceRef request) throws Refused {
        DeviceView view = devices.view(caller, request.device());
        Device device = devices.device(request.device())
                .orElseThrow(() -> Refused.notFound(request.device() + " is not plugged in now"));
        List<Setting> settings = new ArrayList<>(List.of(Setting.PHYSICAL_ACCESS));
        Map<String, Object> values = new LinkedHashMap<>(Map.of(Setting.PHYSICAL_ACCESS.name(),
                view.physicalAccess()));
        if (device.driver() instanceof Configurable driver) {
            settings.addAll(driver.settings());
            values.putAll(driver.values().toMap());
        }
        return new DeviceCapabilities(view.device(), view.kind(), device.info().properties(), settings,
                Fields.of(values));
    }

    private DeviceNews subscribe(Caller caller, None request, Answers<DeviceNews> answers)
            throws Refused, InterruptedException {
        if (!answers.followed()) {
            throw Refused.badRequest("a subscription is a followed call: send credit with the request");
        }
        long number = last.incrementAndGet();
        News news = new News();
        subscriptions.put(number, new Open(caller.session(), news));
        answers.onEnd(news::end);
        Devices.Following following = devices.follow(caller, news::give);
        try {
            List<DeviceEvent> present = following.present().stream()
                    .map(view -> new DeviceEvent(Kind.PRESENT, view)).toList();
            int from = 0;
            do {
                int to = Math.min(present.size(), from + USUAL_LIMIT);
                if (!answers.send(new DeviceNews(number, present.subList(from, to), to == present.size()))) {
                    return ended(number);
                }
                from = to;
            } while (from < present.size());
            while (true) {
                List<DeviceEvent> events = news.take();
                if (events.isEmpty()) {
                    return ended(number);
                }
                for (int at = 0; at < events.size(); at += USUAL_LIMIT) {
                    List<DeviceEvent> some = events.subList(at, Math.min(events.size(), at + USUAL_LIMIT));
                    if (!answers.send(new DeviceNews(number, some, true))) {
                        return ended(number);
                    }
                }
            }
        } finally {
            following.end().close();
            subscriptions.remove(number);
        }
    }

    private static DeviceNews ended(long number) {
        return new DeviceNews(number, List.of(), true);
    }

    private Done unsubscribe(Caller caller, Subscription request) throws Refused {
        Open open = subscriptions.get(request.subscription());
        if (open == null || !open.session.equals(caller.session())) {
            throw Refused.notFound("no subscription %d is open on this session".formatted(
                    request.subscription()));
        }
        open.news.end();
        return Done.DONE;
    }
}
