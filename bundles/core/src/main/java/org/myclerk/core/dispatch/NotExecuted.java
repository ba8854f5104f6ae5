package org.myclerk.core.dispatch;

import java.io.IOException;

/**
 * The session ended, and it is certain that the request had no effect: it may be sent again over the next
 * one.
 */
public final class NotExecuted extends IOException {

    NotExecuted(String message) {
        super(message);
    }
}
