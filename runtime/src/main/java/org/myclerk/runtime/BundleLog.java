package org.myclerk.runtime;

import java.lang.System.Logger.Level;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Locale;
import java.util.Map;

import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.osgi.service.log.FormatterLogger;
import org.osgi.service.log.LogService;

/**
 * The OSGi log service for bundles that want one, Declarative Services and Configuration Admin above all: it
 * leads to {@link System.Logger}. A proxy, because the interfaces spell out each level five times.
 */
final class BundleLog {

    private static final String DEFAULT_NAME = "osgi";

    /** Levels by the name of the method, and by the number of the older methods {@code log(level, …)}. */
    private static final Map<String, Level> LEVELS = Map.of("audit", Level.INFO, "error", Level.ERROR,
            "warn", Level.WARNING, "info", Level.INFO, "debug", Level.DEBUG, "trace", Level.TRACE,
            "1", Level.ERROR, "2", Level.WARNING, "3", Level.INFO, "4", Level.DEBUG);

    private static final Object[] NONE = {};

    /** One class for the service and its loggers: to make one takes milliseconds. */
    private static final Class<?>[] BOTH = {LogService.class, FormatterLogger.class};

    private BundleLog() { }

    /** The service, to be registered before the first bundle starts. */
    static LogService service() {
        return proxy(LogService.class, DEFAULT_NAME);
    }

    private static <T> T proxy(Class<T> type, String name) {
        System.Logger logger = System.getLogger(name);
        return type.cast(Proxy.newProxyInstance(BundleLog.class.getClassLoader(), BOTH,
                (self, method, arguments) ->
                        answer(self, method, arguments == null ? NONE : arguments, logger)));
    }

    private static Object answer(Object self, Method method, Object[] arguments, System.Logger logger) {
        String name = method.getName();
        switch (name) {
            case "getLogger" -> {
                return proxy(FormatterLogger.class, loggerName(arguments));
            }
            case "getName", "toString" -> {
                return logger.getName();
            }
            case "hashCode" -> {
                return System.identityHashCode(self);
            }
            case "equals" -> {
                return self == arguments[0];
            }
            case "log" -> old(arguments, logger);
            default -> {
                if (name.startsWith("is")) {
                    String level = name.substring(2, name.length() - "Enabled".length());
                    return logger.isLoggable(LEVELS.get(level.toLowerCase(Locale.ROOT)));
                }
                if (arguments[0] instanceof String message) {
                    log(logger, LEVELS.get(name), message, arguments);
                }
            }
        }
        return null;
    }

    /** {@code log([reference,] level, message[, exception])}. */
    private static void old(Object[] arguments, System.Logger logger) {
        int at = arguments[0] instanceof Integer ? 0 : 1;
        System.Logger by = arguments[0] instanceof ServiceReference<?> service && service.getBundle() != null
                ? System.getLogger(loggerName(new Object[] {service.getBundle()})) : logger;
        Level level = LEVELS.getOrDefault(arguments[at].toString(), Level.DEBUG);
        log(by, level, String.valueOf(arguments[at + 1]), arguments);
    }

    private static void log(System.Logger logger, Level level, String message, Object[] arguments) {
        if (logger.isLoggable(level)) {
            Object[] values = arguments[arguments.length - 1] instanceof Object[] more ? more : arguments;
            Throwable thrown = null;
            var text = new StringBuilder(message);
            for (Object value : values) {
                int brackets = text.indexOf("{}");
                if (value instanceof Throwable throwable) {
                    thrown = throwable;
                } else if (brackets >= 0 && value != message) {
                    text.replace(brackets, brackets + 2, String.valueOf(value));
                }
            }
            logger.log(level, text.toString(), thrown);
        }
    }

    private static String loggerName(Object[] arguments) {
        if (arguments[0] instanceof Bundle bundle) {
            // Who asks for a bundle's logger speaks of the bundle: our own classes log without it.
            return DEFAULT_NAME + "." + bundle.getSymbolicName();
        }
        if (arguments[0] instanceof Class<?> type) {
            return type.getName();
        }
        return arguments[0] instanceof String name ? name : DEFAULT_NAME;
    }
}
