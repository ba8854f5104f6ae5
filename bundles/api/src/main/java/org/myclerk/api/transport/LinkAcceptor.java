package org.myclerk.api.transport;

/** Decides on a new link. Called on the link's loop. */
@FunctionalInterface
public interface LinkAcceptor {

    /** Who handles the link's frames, or {@code null} to close it at once. */
    LinkHandler accept(Link link);
}
