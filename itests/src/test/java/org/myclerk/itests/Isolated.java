package org.myclerk.itests;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/**
 * An object of a test class that is loaded over the jars of a distribution, so that these stay off the class
 * path of the tests. It is spoken to by method names, in types of the JDK.
 */
final class Isolated {

    private final URLClassLoader loader;
    private final Object object;

    /** A class that sees what the command line sees: {@code bundles} and {@code lib}. */
    static Isolated client(Distribution distribution, String className, Object... arguments)
            throws Exception {
        List<Path> jars = new ArrayList<>(distribution.files("bundles"));
        jars.addAll(distribution.files("lib"));
        return new Isolated(jars, className, arguments);
    }

    private Isolated(List<Path> jars, String className, Object... arguments) throws Exception {
        // By its place, because a test that is a bundle has none.
        Path tests = Distribution.root().resolve("itests/target/test-classes");
        loader = new URLClassLoader(Stream.concat(Stream.of(tests), jars.stream()).map(Isolated::url)
                .toArray(URL[]::new),
                ClassLoader.getPlatformClassLoader());
        Constructor<?> constructor = loader.loadClass(className).getDeclaredConstructors()[0];
        constructor.setAccessible(true);
        object = inside(() -> constructor.newInstance(arguments));
    }

    /** As if the whole program had been loaded so. */
    private <T> T inside(Callable<T> work) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader outside = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            return work.call();
        } catch (InvocationTargetException failed) {
            throw rethrown(failed);
        } finally {
            thread.setContextClassLoader(outside);
        }
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static Exception rethrown(InvocationTargetException failed) {
        return switch (failed.getCause()) {
            case Exception exception -> exception;
            case Error error -> throw error;
            case Throwable other -> new IllegalStateException(other);
        };
    }

    Object call(String name, Object... arguments) throws Exception {
        for (Method method : object.getClass().getDeclaredMethods()) {
            if (method.getName().equals(name) && method.getParameterCount() == arguments.length) {
                method.setAccessible(true);
                return inside(() -> method.invoke(object, arguments));
            }
        }
        throw new NoSuchMethodException(name);
    }

    /** Has the object close, and lets go of its classes. */
    void close() throws Exception {
        try {
            call("close");
        } finally {
            loader.close();
        }
    }
}
