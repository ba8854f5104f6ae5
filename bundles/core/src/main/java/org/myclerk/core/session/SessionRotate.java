package org.myclerk.core.session;

import org.myclerk.api.payload.Range;

/**
 * SESSION_ROTATE of either side (profile §13).
 *
 * @param rotationCounter the generation to come
 */
public record SessionRotate(@Range(max = 0xFFFF_FFFFL) long rotationCounter) {
}
