package org.myclerk.runtime;

import java.lang.System.Logger.Level;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * Runs a task when the process is asked to stop, instead of the JVM's own exit with status 143. By
 * reflection, because javac warns of {@code sun.misc.Signal} in a way that cannot be silenced.
 */
final class Signals {

    private Signals() { }

    /** Runs a task on SIGTERM, SIGINT and, where there is one, SIGHUP; it must not block. */
    static void onStop(Runnable task) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {handler},
                    (self, method, arguments) -> switch (method.getName()) {
                        case "handle" -> {
                            task.run();
                            yield null;
                        }
                        case "equals" -> self == arguments[0];
                        case "hashCode" -> System.identityHashCode(self);
                        default -> "stop";
                    });
            for (String name : new String[] {"TERM", "INT", "HUP"}) {
                try {
                    signal.getMethod("handle", signal, handler)
                            .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
                } catch (InvocationTargetException e) {
                    // Not on this system, or the JVM runs with -Xrs: then the system's way of stopping holds.
                    System.getLogger(NodeMain.NAME).log(Level.DEBUG, "no signal " + name, e.getCause());
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java has no jdk.unsupported", e);
        }
    }
}
