package org.myclerk.api.node;

/**
 * How the bundles of a node learn that some of them are being replaced (decision 55). The installer imports
 * no bundle of ours, so all that is said is said in types of the JDK:
 *
 * <ul>
 * <li>From before the first old bundle stops until after the last new one has started, a
 *     {@code java.util.concurrent.ConcurrentMap} is registered as a service with the property
 *     {@link #PROPERTY}. Its mere presence says that what goes comes back.
 * <li>What a bundle puts into the map, under a key that begins with its symbolic name, is there for its next
 *     version. Values are of JDK types, or nothing old could be let go. Nobody but the bundles of this node
 *     sees the map; it dies with the replacement.
 * <li>A bundle may register a {@code java.util.function.Supplier<String>} with the property {@link #HEALTH}.
 *     During the probation of a new version it is asked every second; words instead of {@code null} have the
 *     bundle go back to the version before.
 * </ul>
 */
public final class Replacing {

    /** Service property of the map; its value says what is replaced, for logs. */
    public static final String PROPERTY = "myclerk.replacing";

    /** A filter for that map. */
    public static final String TARGET = "(" + PROPERTY + "=*)";

    /** Service property of a health check; its value is a name for it. */
    public static final String HEALTH = "myclerk.health";

    private Replacing() {
    }
}
