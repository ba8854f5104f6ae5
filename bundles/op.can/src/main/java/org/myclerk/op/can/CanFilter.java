package org.myclerk.op.can;

import java.util.Optional;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;

/**
 * Lets frames through whose identifier agrees with this one in the bits of the mask (struct can_filter).
 *
 * @param extended only frames with 29-bit identifiers, or only those with 11; both if absent
 * @param remote only remote frames, or only others; both if absent
 * @param inverted lets through what does not match
 */
public record CanFilter(@Range(max = 0x1FFF_FFFF) @Help("identifier") int id,
        @Range(max = 0x1FFF_FFFF) @Help("the bits that count") int mask,
        @Help("only 29-bit identifiers, or only 11-bit ones") Optional<Boolean> extended,
        @Help("only remote frames, or only others") Optional<Boolean> remote,
        @Help("let through what does not match") Optional<Boolean> inverted) {
}
