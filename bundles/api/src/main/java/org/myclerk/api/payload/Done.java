package org.myclerk.api.payload;

/** The answer that says nothing but that it was done. */
public record Done() {

    public static final Done DONE = new Done();
}
