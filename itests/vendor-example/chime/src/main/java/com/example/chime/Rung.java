package com.example.chime;

/** How often it rang, all in all. */
public record Rung(long count) {
}
