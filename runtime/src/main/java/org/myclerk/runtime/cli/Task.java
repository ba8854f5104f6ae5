package org.myclerk.runtime.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.Callable;

import org.myclerk.api.operation.ProtocolException.Refused;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** One command. */
abstract class Task implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    /** Does the work; returning means success. */
    abstract void run() throws Failure, Refused, IOException, InterruptedException;

    @Override
    public final Integer call() throws Exception {
        run();
        root().streams().out().flush();
        return 0;
    }

    final Root root() {
        return (Root) spec.root().userObject();
    }

    final PrintStream out() {
        return root().streams().out();
    }

    final boolean json() {
        return root().json();
    }

    final void say(String line) {
        root().streams().say(line);
    }
}
