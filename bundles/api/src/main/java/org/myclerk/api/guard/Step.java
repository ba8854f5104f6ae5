package org.myclerk.api.guard;

/**
 * One rule of a decision, for people; also a payload.
 *
 * @param rule its name: {@code tier}, {@code role}, {@code sharing}, {@code time}, {@code lease}
 * @param passed whether the caller got past it
 * @param text what was found, and what would help
 */
public record Step(String rule, boolean passed, String text) {
}
