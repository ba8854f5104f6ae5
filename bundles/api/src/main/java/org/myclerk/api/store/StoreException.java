package org.myclerk.api.store;

/** The state could not be read or written: a full disk, a damaged file. The message is for people. */
public final class StoreException extends RuntimeException {

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
