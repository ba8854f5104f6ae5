package org.myclerk.runtime;

/**
 * What is asked of the node cannot be done: one line with what, which, and what to do. Nothing was changed.
 */
public final class Refusal extends Exception {

    Refusal(String line) {
        super(line, null, false, false);
    }
}
