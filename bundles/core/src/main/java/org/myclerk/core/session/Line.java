package org.myclerk.core.session;

/**
 * What a session must know of the transport below it (profile §17).
 *
 * @param ordered whether frames arrive exactly once and in order, or the link ends
 * @param largestFrame in bytes
 */
public record Line(boolean ordered, int largestFrame) {

    public static final Line TCP = new Line(true, 65535);
    public static final Line UDP = new Line(false, 1200);
}
