package org.myclerk.runtime;

/** Why a node does not start or cannot go on: one line for people, and the exit status of the process. */
public final class StartFailure extends Exception {

    /** Exit status for wrong arguments. */
    static final int USAGE = 2;

    /** Exit status for everything else. */
    static final int FAILED = 1;

    private final int status;

    private StartFailure(int status, String line) {
        super(line, null, false, false);
        this.status = status;
    }

    static StartFailure usage(String line) {
        return new StartFailure(USAGE, line);
    }

    static StartFailure failed(String line) {
        return new StartFailure(FAILED, line);
    }

    /** The exit status: 1 or 2. */
    public int status() {
        return status;
    }
}
