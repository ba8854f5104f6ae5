package org.myclerk.api.payload;

/** A payload without fields of its own. */
public record None() {

    public static final None NONE = new None();
}
