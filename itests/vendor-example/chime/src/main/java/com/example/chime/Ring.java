package com.example.chime;

import org.myclerk.api.payload.Help;
import org.myclerk.api.payload.Range;

/** Rings the chime. */
public record Ring(@Range(min = 1, max = 10) @Help("how often") int times) {
}
