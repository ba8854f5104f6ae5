package org.myclerk.runtime.cli;

/** What a person is told when a command cannot do its work: one line with what, which, and what to do. */
final class Failure extends Exception {

    private final int exitStatus;

    Failure(String message) {
        this(message, 1, null);
    }

    Failure(String message, Throwable cause) {
        this(message, 1, cause);
    }

    private Failure(String message, int exitStatus, Throwable cause) {
        super(message, cause);
        this.exitStatus = exitStatus;
    }

    /** The command was written wrongly: exit status 2. */
    static Failure usage(String message) {
        return new Failure(message, 2, null);
    }

    int exitStatus() {
        return exitStatus;
    }
}
