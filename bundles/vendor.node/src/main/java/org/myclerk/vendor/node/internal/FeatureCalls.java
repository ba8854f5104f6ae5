package org.myclerk.vendor.node.internal;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import org.myclerk.api.operation.Answers;
import org.myclerk.api.operation.ErrorCode;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Done;
import org.myclerk.vendor.node.Config;
import org.myclerk.vendor.node.ConfigQuery;
import org.myclerk.vendor.node.ConfigSet;
import org.myclerk.vendor.node.FeatureBundle;
import org.myclerk.vendor.node.FeatureChange;
import org.myclerk.vendor.node.FeatureHistory;
import org.myclerk.vendor.node.FeatureInfo;
import org.myclerk.vendor.node.FeatureInstall;
import org.myclerk.vendor.node.FeatureJob;
import org.myclerk.vendor.node.FeatureList;
import org.myclerk.vendor.node.FeatureName;
import org.myclerk.vendor.node.FeatureOutcome;
import org.myclerk.vendor.node.FeatureRemove;
import org.myclerk.vendor.node.FeatureState;
import org.myclerk.vendor.node.FeatureStep;
import org.myclerk.vendor.node.FileReceived;
import org.myclerk.vendor.node.FileSend;
import org.myclerk.vendor.node.Setting;
import org.myclerk.vendor.node.Vendor;
import org.myclerk.vendor.node.VendorName;
import org.myclerk.vendor.node.Vendors;

/**
 * Features and settings as operations: asks the launcher's installer, with which it shares only types of the
 * JDK, so that the installer can replace this bundle and everything below it.
 */
final class FeatureCalls {

    private final Supplier<Function<Map<String, Object>, Map<String, Object>>> installer;

    FeatureCalls(Supplier<Function<Map<String, Object>, Map<String, Object>>> installer) {
        this.installer = installer;
    }

    FeatureList list() throws Refused {
        return new FeatureList(maps(ask("features", Map.of()), "features").stream().map(FeatureCalls::state)
                .toList());
    }

    FeatureInfo info(FeatureName request) throws Refused {
        Map<String, Object> answer = ask("feature", Map.of("name", request.name()));
        List<FeatureBundle> bundles = maps(answer, "bundles").stream().map(bundle -> new FeatureBundle(
                text(bundle, "name"), text(bundle, "version"), is(bundle, "running"),
                texts(bundle, "operations"),
                texts(bundle, "signers"))).toList();
        return new FeatureInfo(state(answer), texts(answer, "requires"), texts(answer, "required-by"),
                bundles);
    }

    private static FeatureState state(Map<String, Object> feature) {
        return new FeatureState(text(feature, "name"), text(feature, "version"), text(feature, "description"),
                is(feature, "installed"), is(feature, "chosen"), is(feature, "outside"),
                Optional.of(text(feature, "problem")).filter(problem -> !problem.isEmpty()));
    }

    FeatureStep install(String what, FeatureInstall request, Answers<FeatureStep> answers)
            throws Refused, InterruptedException {
        return change(what, Map.of("names", request.names(), "files",
                request.files().stream().map(Bytes::toHex).toList(),
                "allow-unsigned", request.allowUnsigned().orElse(false)), answers);
    }

    FeatureStep remove(FeatureRemove request, Answers<FeatureStep> answers)
            throws Refused, InterruptedException {
        return change("remove", Map.of("names", request.names()), answers);
    }

    FeatureStep rollback(Answers<FeatureStep> answers) throws Refused, InterruptedException {
        return change("rollback", Map.of(), answers);
    }

    /**
     * Follows a change, which goes on should its caller be gone, and should this bundle or the session be
     * what is replaced: then the last step is not done, and the outcome is to be asked for.
     */
    private FeatureStep change(String what, Map<String, Object> question, Answers<FeatureStep> answers)
            throws Refused, InterruptedException {
        var job = new ArrayList<String>();
        Consumer<String> progress = step -> {
            if (job.isEmpty()) {
                job.add(step);
            } else if (answers.followed()) {
                answers.offer(new FeatureStep(job.getFirst(), step, false));
            }
        };
        var whole = new HashMap<>(question);
        whole.put("progress", progress);
        answers.movable(Thread.currentThread()::interrupt);
        try {
            Map<String, Object> answer = ask(what, whole);
            return new FeatureStep(text(answer, "job"), "done", true);
        } catch (IllegalStateException stopped) {
            if (!Thread.interrupted()) {
                throw stopped;
            }
            if (job.isEmpty()) {
                throw new InterruptedException();
            }
            return new FeatureStep(job.getFirst(), "goes on", false);
        }
    }

    FeatureHistory history() throws Refused {
        return new FeatureHistory(maps(ask("history", Map.of()), "changes").stream()
                .map(change -> new FeatureChange((Long) change.get("at"), text(change, "change"))).toList());
    }

    FeatureOutcome outcome(FeatureJob request) throws Refused {
        Map<String, Object> answer = ask("outcome", Map.of("job", request.job()));
        return new FeatureOutcome(is(answer, "done"), Optional.of(text(answer, "failure"))
                .filter(failure -> !failure.isEmpty()));
    }

    FileReceived receive(FileSend request) throws Refused {
        return new FileReceived((Long) ask("receive", Map.of("digest", request.digest().toHex(), "name",
                request.name(), "size", request.size(), "offset", request.offset(), "data",
                request.data().asBuffer())).get("size"));
    }

    Vendors vendors() throws Refused {
        var vendors = new ArrayList<Vendor>();
        if (ask("vendors", Map.of()).get("vendors") instanceof Map<?, ?> trusted) {
            trusted.forEach((fingerprint, name) -> vendors.add(new Vendor((String) fingerprint,
                    (String) name)));
        }
        return new Vendors(vendors);
    }

    Done trust(Vendor request) throws Refused {
        ask("trust", Map.of("fingerprint", request.fingerprint(), "name", request.name()));
        return Done.DONE;
    }

    Done distrust(VendorName request) throws Refused {
        ask("distrust", Map.of("fingerprint", request.fingerprint()));
        return Done.DONE;
    }

    Config settings(ConfigQuery request) throws Refused {
        Map<String, Object> question = request.pid().isPresent() ? Map.of("pid", request.pid().get())
                : Map.of();
        return new Config(maps(ask("settings", question), "settings").stream().map(setting -> new Setting(
                text(setting, "pid"), text(setting, "key"), texts(setting, "values"), is(setting, "set"),
                is(setting, "several"), text(setting, "range"), text(setting, "description"))).toList());
    }

    Done set(ConfigSet request) throws Refused {
        ask("set", Map.of("pid", request.pid(), "key", request.key(), "values", request.values()));
        return Done.DONE;
    }

    private Map<String, Object> ask(String what, Map<String, Object> question) throws Refused {
        Function<Map<String, Object>, Map<String, Object>> asked = installer.get();
        if (asked == null) {
            throw Refused.unavailable("this node was not started by myclerk up, so its features are fixed");
        }
        var whole = new HashMap<>(question);
        whole.put("do", what);
        try {
            return asked.apply(whole);
        } catch (IllegalArgumentException refused) {
            throw Refused.badRequest(refused.getMessage());
        } catch (NoSuchElementException missing) {
            throw Refused.notFound(missing.getMessage());
        } catch (UncheckedIOException failed) {
            throw new Refused(ErrorCode.INTERNAL_ERROR, failed.getCause().getMessage());
        }
    }

    private static List<Map<String, Object>> maps(Map<String, Object> answer, String key) {
        var maps = new ArrayList<Map<String, Object>>();
        for (Object element : (List<?>) answer.get(key)) {
            var map = new HashMap<String, Object>();
            ((Map<?, ?>) element).forEach((name, value) -> map.put((String) name, value));
            maps.add(map);
        }
        return maps;
    }

    private static List<String> texts(Map<String, Object> map, String key) {
        return ((List<?>) map.get(key)).stream().map(String.class::cast).toList();
    }

    private static String text(Map<String, Object> map, String key) {
        return (String) map.get(key);
    }

    private static boolean is(Map<String, Object> map, String key) {
        return (Boolean) map.get(key);
    }
}
